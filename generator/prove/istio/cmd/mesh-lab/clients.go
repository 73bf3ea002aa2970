package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// performance is probes in sequences; a sequence goes one by one, so many sequences side by side.
type performance struct {
	Parallel  int       `json:"parallel"`
	Sequences [][]probe `json:"sequences"`
}

// probe is one question: to which address, as whom, and how it is to be answered.
type probe struct {
	ID       string            `json:"id"`
	Wait     float64           `json:"wait"` // seconds before it
	Kind     string            `json:"kind"` // http1, http2, grpc, tcp
	Address  string            `json:"address"`
	Source   string            `json:"source"` // own address; empty: any
	TLS      *handshake        `json:"tls"`
	Host     string            `json:"host"`
	Method   string            `json:"method"`
	Path     string            `json:"path"`
	Headers  map[string]string `json:"headers"`
	Token    *token            `json:"token"`
	Messages int               `json:"messages"` // of a gRPC stream; 0: one
	Replies  []reply           `json:"replies"`
	Patience float64           `json:"patience"` // seconds
}

type handshake struct {
	Identity   string `json:"identity"` // SPIFFE; empty: without a certificate
	ServerName string `json:"server_name"`
	Verified   bool   `json:"verified"` // the server's certificate must be for that name
	Outdated   bool   `json:"outdated"` // no newer version than TLS 1.1
}

type result struct {
	ID       string  `json:"id"`
	Status   int     `json:"status"` // 0: none came
	GRPC     int     `json:"grpc"`   // -1: none came
	Seconds  float64 `json:"seconds"`
	Error    string  `json:"error,omitempty"`
	Body     string  `json:"body"`
	Messages int     `json:"messages"`
	Tries    []try   `json:"tries"`
}

func (l *lab) perform(wanted performance) [][]result {
	found := make([][]result, len(wanted.Sequences))
	free := make(chan struct{}, max(1, wanted.Parallel))
	var waiting sync.WaitGroup
	for index, sequence := range wanted.Sequences {
		free <- struct{}{}
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			defer func() { <-free }()
			for _, each := range sequence {
				time.Sleep(seconds(each.Wait))
				found[index] = append(found[index], l.ask(each))
			}
		}()
	}
	waiting.Wait()
	return found
}

func seconds(number float64) time.Duration { return time.Duration(number * float64(time.Second)) }

func (l *lab) ask(wanted probe) result {
	ctx, cancel := context.WithTimeout(context.Background(), seconds(wanted.Patience))
	defer cancel()
	l.book.open(wanted.ID, wanted.Replies)
	found := result{ID: wanted.ID, GRPC: -1}
	began := time.Now()
	var err error
	if wanted.Kind == "tcp" {
		err = l.clients.greeted(ctx, wanted, &found)
	} else {
		err = l.clients.exchange(ctx, wanted, &found)
	}
	found.Seconds = time.Since(began).Seconds()
	if err != nil {
		found.Error = err.Error()
	}
	found.Tries = l.book.close(wanted.ID)
	return found
}

// clients keeps connections for probes that may share one.
type clients struct {
	authority  *authority
	mutex      sync.Mutex
	transports map[string]http.RoundTripper
}

func newClients(authority *authority) *clients {
	return &clients{authority: authority, transports: map[string]http.RoundTripper{}}
}

// greeted says something and takes what a server answers first: its name.
func (c *clients) greeted(ctx context.Context, wanted probe, found *result) error {
	connection, err := c.dial(ctx, wanted, nil)
	if err != nil {
		return err
	}
	defer connection.Close()
	deadline, _ := ctx.Deadline()
	_ = connection.SetDeadline(deadline)
	if _, err := io.WriteString(connection, "hello\n"); err != nil {
		return err
	}
	heard := make([]byte, 256)
	count, err := connection.Read(heard)
	found.Body = strings.TrimSpace(string(heard[:count]))
	return err
}

func (c *clients) exchange(ctx context.Context, wanted probe, found *result) error {
	asked, err := c.request(ctx, wanted)
	if err != nil {
		return err
	}
	said, err := c.transport(wanted).RoundTrip(asked)
	if err != nil {
		return err
	}
	defer said.Body.Close()
	found.Status = said.StatusCode
	if wanted.Kind == "grpc" {
		found.Messages = messages(said.Body)
		for _, headers := range []http.Header{said.Header, said.Trailer} {
			if code, err := strconv.Atoi(headers.Get("Grpc-Status")); err == nil {
				found.GRPC = code
				found.Body = headers.Get("Grpc-Message")
			}
		}
		return nil
	}
	var text strings.Builder
	_, err = copyAll(&text, said.Body)
	found.Body = text.String()[:min(200, text.Len())]
	return err
}

func (c *clients) request(ctx context.Context, wanted probe) (*http.Request, error) {
	scheme := "http"
	if wanted.TLS != nil {
		scheme = "https"
	}
	var body io.Reader
	if wanted.Kind == "grpc" {
		body = bytes.NewReader(make([]byte, 5*max(1, wanted.Messages)))
	}
	asked, err := http.NewRequestWithContext(ctx, wanted.Method, fmt.Sprintf("%s://%s%s", scheme, wanted.Host, wanted.Path), body)
	if err != nil {
		return nil, err
	}
	for name, value := range wanted.Headers {
		asked.Header.Set(name, value)
	}
	asked.Header.Set(probeHeader, wanted.ID)
	if wanted.Kind == "grpc" {
		asked.Header.Set("Content-Type", "application/grpc")
		asked.Header.Set("Te", "trailers")
	}
	if wanted.Token != nil {
		text, err := c.authority.bearer(*wanted.Token)
		if err != nil {
			return nil, err
		}
		asked.Header.Set("Authorization", "Bearer "+text)
	}
	return asked, nil
}

func (c *clients) transport(wanted probe) http.RoundTripper {
	key := fmt.Sprintf("%s %s %s", wanted.Kind, wanted.Address, wanted.Source)
	if wanted.TLS != nil {
		key += fmt.Sprintf(" %+v", *wanted.TLS)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.transports[key] == nil {
		c.transports[key] = c.newTransport(wanted)
	}
	return c.transports[key]
}

func (c *clients) newTransport(wanted probe) http.RoundTripper {
	if wanted.Kind == "http1" {
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
			return c.dial(ctx, wanted, []string{"http/1.1"})
		}
		// Go asks once more by itself on a connection that was kept and ended, which would count as a try.
		return &http.Transport{DialContext: dial, DialTLSContext: dial, DisableKeepAlives: true, DisableCompression: true}
	}
	return &http2.Transport{
		AllowHTTP: true, DisableCompression: true,
		DialTLSContext: func(ctx context.Context, _, _ string, _ *tls.Config) (net.Conn, error) {
			return c.dial(ctx, wanted, []string{"h2"})
		},
	}
}

// dial goes to the probe's address, whatever the name of the host.
func (c *clients) dial(ctx context.Context, wanted probe, spoken []string) (net.Conn, error) {
	dialer := &net.Dialer{}
	if wanted.Source != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(wanted.Source)}
	}
	connection, err := dialer.DialContext(ctx, "tcp", wanted.Address)
	if err != nil || wanted.TLS == nil {
		return connection, err
	}
	settings := &tls.Config{
		ServerName: wanted.TLS.ServerName, NextProtos: spoken, RootCAs: c.authority.pool(),
		InsecureSkipVerify: !wanted.TLS.Verified, // identities of the mesh are no names of hosts
	}
	if wanted.TLS.Outdated {
		settings.MinVersion, settings.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	}
	if wanted.TLS.Identity != "" {
		own, err := c.authority.workload(wanted.TLS.Identity)
		if err != nil {
			return nil, err
		}
		settings.Certificates = []tls.Certificate{own}
	}
	secured := tls.Client(connection, settings)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = connection.Close()
		return nil, err
	}
	return secured, nil
}
