package main

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// probeHeader tells the tries of one probe from all others.
const probeHeader = "X-Mesh-Lab-Probe"

// server is an application behind a proxy, or one outside of the mesh.
type server struct {
	Name   string `json:"name"`
	Socket string `json:"socket"` // a name in the folder
	Kind   string `json:"kind"`   // http (1.1, 2 and gRPC), tcp, tls
}

// reply is how a server answers one try.
type reply struct {
	Status   int     `json:"status"`   // 0: 200
	GRPC     int     `json:"grpc"`     // grpc-status
	Delay    float64 `json:"delay"`    // seconds
	Reset    bool    `json:"reset"`    // no answer at all
	Messages int     `json:"messages"` // of a stream; 0: one
}

// try is a request that has come through to a server.
type try struct {
	Server   string  `json:"server"`
	After    float64 `json:"after"` // seconds since the probe began
	Caller   string  `json:"caller"`
	Host     string  `json:"host"`
	Messages int     `json:"messages"`
}

// book has what servers are to answer to each probe, and what has come of it.
type book struct {
	mutex   sync.Mutex
	entries map[string]*entry
}

type entry struct {
	began   time.Time
	replies []reply
	tries   []try
}

func newBook() *book { return &book{entries: map[string]*entry{}} }

func (b *book) open(id string, replies []reply) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.entries[id] = &entry{began: time.Now(), replies: replies}
}

// close forgets the probe; what comes through later counts for nobody.
func (b *book) close(id string) []try {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	found := b.entries[id]
	delete(b.entries, id)
	return append([]try{}, found.tries...)
}

// note writes a try down and says how to answer it; the last reply is that to all further ones.
func (b *book) note(id string, came try) (reply, int) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	found := b.entries[id]
	if found == nil {
		return reply{}, -1
	}
	came.After = time.Since(found.began).Seconds()
	found.tries = append(found.tries, came)
	if len(found.replies) == 0 {
		return reply{}, len(found.tries) - 1
	}
	return found.replies[min(len(found.tries), len(found.replies))-1], len(found.tries) - 1
}

func (b *book) count(id string, number, messages int) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if found := b.entries[id]; found != nil && number >= 0 {
		found.tries[number].Messages = messages
	}
}

func (l *lab) serve(wanted server) error {
	listener, err := net.Listen("unix", l.socket(wanted.Socket))
	if err != nil {
		return err
	}
	switch wanted.Kind {
	case "http":
		protocols := new(http.Protocols)
		protocols.SetHTTP1(true)
		protocols.SetUnencryptedHTTP2(true)
		serving := &http.Server{Handler: application{wanted.Name, l.book}, Protocols: protocols}
		go func() { _ = serving.Serve(listener) }()
	case "tcp":
		go greet(listener, wanted.Name)
	case "tls":
		own, err := l.authority.host("anybody.invalid")
		if err != nil {
			return err
		}
		go greet(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}), wanted.Name)
	default:
		return fmt.Errorf("no server is a %q", wanted.Kind)
	}
	l.ending = append(l.ending, func() { _ = listener.Close() })
	return nil
}

// greet answers the first line of each connection with the server's name.
func greet(listener net.Listener, name string) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			_ = connection.SetDeadline(time.Now().Add(patience))
			if _, err := connection.Read(make([]byte, 64)); err == nil {
				_, _ = io.WriteString(connection, name+"\n")
			}
		}()
	}
}

type application struct {
	name string
	book *book
}

var uri = regexp.MustCompile(`URI=([^;,]*)`)

func (a application) ServeHTTP(writer http.ResponseWriter, asked *http.Request) {
	id := asked.Header.Get(probeHeader)
	caller := ""
	if found := uri.FindAllStringSubmatch(asked.Header.Get("X-Forwarded-Client-Cert"), -1); found != nil {
		caller = found[len(found)-1][1]
	}
	said, number := a.book.note(id, try{Server: a.name, Caller: caller, Host: asked.Host})
	if said.Reset {
		panic(http.ErrAbortHandler)
	}
	if said.Delay > 0 {
		select {
		case <-time.After(time.Duration(said.Delay * float64(time.Second))):
		case <-asked.Context().Done():
			return
		}
	}
	if strings.HasPrefix(asked.Header.Get("Content-Type"), "application/grpc") {
		a.answerGRPC(writer, asked, said, number)
		return
	}
	_, _ = io.Copy(io.Discard, asked.Body)
	if said.GRPC != 0 { // proxies heed it in every answer
		writer.Header().Set("Grpc-Status", strconv.Itoa(said.GRPC))
	}
	if said.Status != 0 {
		writer.WriteHeader(said.Status)
	}
	_, _ = io.WriteString(writer, a.name)
}

// answerGRPC takes every message and gives empty ones (gRPC over HTTP/2: Requests, Responses).
func (a application) answerGRPC(writer http.ResponseWriter, asked *http.Request, said reply, number int) {
	a.book.count(asked.Header.Get(probeHeader), number, messages(asked.Body))
	writer.Header().Set("Content-Type", "application/grpc")
	if said.Status != 0 {
		writer.WriteHeader(said.Status)
		return
	}
	if said.GRPC != 0 { // trailers only
		writer.Header().Set("Grpc-Status", strconv.Itoa(said.GRPC))
		writer.WriteHeader(http.StatusOK)
		return
	}
	writer.WriteHeader(http.StatusOK)
	for range max(1, said.Messages) {
		_, _ = writer.Write(make([]byte, 5))
	}
	writer.Header().Set(http.TrailerPrefix+"Grpc-Status", "0")
}

// messages counts the length-prefixed messages of a body.
func messages(body io.Reader) int {
	head := make([]byte, 5)
	for count := 0; ; count++ {
		if _, err := io.ReadFull(body, head); err != nil {
			return count
		}
		if _, err := io.CopyN(io.Discard, body, int64(binary.BigEndian.Uint32(head[1:]))); err != nil {
			return count
		}
	}
}

func (l *lab) forward(wanted forward) error {
	listener, err := net.Listen("tcp", wanted.Listen)
	if err != nil {
		return err
	}
	l.ending = append(l.ending, func() { _ = listener.Close() })
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", wanted.To)
			if err != nil {
				_ = from.Close()
				continue
			}
			go pass(from, to)
			go pass(to, from)
		}
	}()
	return nil
}

// pass ends both ways with the first that ends: HTTP needs no half-closed connections.
func pass(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}

func copyAll(to io.Writer, from io.Reader) (int64, error) {
	return io.Copy(to, io.LimitReader(from, 1<<20))
}
