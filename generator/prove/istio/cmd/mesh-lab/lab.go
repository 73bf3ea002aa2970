package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	secret "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/grpc"

	"istio.io/istio/pkg/test"
)

const (
	configurationSocket = "xds"
	secretsSocket       = "sds"
	patience            = 60 * time.Second
)

// plan is a mesh: what it is configured by, who is in it, and what stands behind and around it. All sockets lie in the folder.
type plan struct {
	Folder       string        `json:"folder"`
	Envoy        string        `json:"envoy"`
	TrustDomain  string        `json:"trust_domain"`
	Objects      string        `json:"objects"` // a file of YAML
	Proxies      []proxy       `json:"proxies"`
	Servers      []server      `json:"servers"`
	Forwards     []forward     `json:"forwards"`
	Certificates []certificate `json:"certificates"`
}

// proxy is a pod's Envoy; all of a pod is at one address.
type proxy struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Account   string            `json:"account"`
	Role      string            `json:"role"` // sidecar or router
	Address   string            `json:"address"`
	Labels    map[string]string `json:"labels"`
	Ports     []port            `json:"ports"`
}

// port is one that a container of the pod says; Istio finds by it where a Service's named port leads to.
type port struct {
	Name     string `json:"name"`
	Number   int    `json:"containerPort"`
	Protocol string `json:"protocol"`
}

// forward is one more address of the pod behind it: another replica, to whoever calls.
type forward struct {
	Listen string `json:"listen"`
	To     string `json:"to"`
}

type certificate struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Host      string `json:"host"`
}

type started struct {
	Rejected []string `json:"rejected"` // what an Envoy says of configuration that it does not take
}

func (p proxy) node() string {
	return fmt.Sprintf("%s~%s~%s.%s~%s.svc.cluster.local", p.Role, p.Address, p.Name, p.Namespace, p.Namespace)
}

func (p proxy) identity(trustDomain string) string {
	return fmt.Sprintf("spiffe://%s/ns/%s/sa/%s", trustDomain, p.Namespace, p.Account)
}

type lab struct {
	t         test.Failer
	authority *authority
	book      *book
	clients   *clients
	folder    string
	envoys    []*exec.Cmd
	ending    []func()
}

func newLab(t test.Failer) (*lab, error) {
	authority, err := newAuthority()
	return &lab{t: t, authority: authority, book: newBook(), clients: newClients(authority)}, err
}

func (l *lab) start(wanted plan) (*started, error) {
	if l.folder != "" {
		return nil, fmt.Errorf("started already")
	}
	l.folder = wanted.Folder
	if err := l.control(wanted); err != nil {
		return nil, err
	}
	for _, each := range wanted.Servers {
		if err := l.serve(each); err != nil {
			return nil, err
		}
	}
	for _, each := range wanted.Forwards {
		if err := l.forward(each); err != nil {
			return nil, err
		}
	}
	for _, each := range wanted.Proxies {
		if err := l.envoy(wanted, each); err != nil {
			return nil, err
		}
	}
	found := &started{Rejected: []string{}}
	for index, each := range wanted.Proxies {
		rejected, err := l.ready(each, l.envoys[index])
		if err != nil {
			return nil, err
		}
		found.Rejected = append(found.Rejected, rejected...)
	}
	return found, nil
}

// control serves configuration and secrets.
func (l *lab) control(wanted plan) error {
	istio, kubernetes, err := readObjects(wanted.Objects)
	if err != nil {
		return fmt.Errorf("%s: %w", wanted.Objects, err)
	}
	for _, each := range wanted.Certificates {
		found, err := l.authority.secret(each)
		if err != nil {
			return err
		}
		kubernetes = append(kubernetes, found)
	}
	listener, err := net.Listen("unix", l.socket(configurationSocket))
	if err != nil {
		return err
	}
	serveConfiguration(l.t, listener, wanted.TrustDomain, istio, strings.Join(kubernetes, "\n---\n"))
	identities := map[string]string{}
	for _, each := range wanted.Proxies {
		identities[each.node()] = each.identity(wanted.TrustDomain)
	}
	if listener, err = net.Listen("unix", l.socket(secretsSocket)); err != nil {
		return err
	}
	serving := grpc.NewServer()
	secret.RegisterSecretDiscoveryServiceServer(serving, &agent{authority: l.authority, identities: identities})
	go func() { _ = serving.Serve(listener) }()
	l.ending = append(l.ending, serving.Stop)
	return nil
}

func (l *lab) socket(name string) string { return filepath.Join(l.folder, name) }

func (l *lab) envoy(wanted plan, of proxy) error {
	bootstrap := filepath.Join(l.folder, of.Name+".json")
	raw, err := json.MarshalIndent(l.bootstrap(wanted, of), "", " ")
	if err == nil {
		err = os.WriteFile(bootstrap, raw, 0o600)
	}
	if err != nil {
		return err
	}
	log, err := os.Create(l.log(of))
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(wanted.Envoy, "-c", bootstrap, "--concurrency", "1", "--disable-hot-restart", "-l", "warn")
	command.Stdout, command.Stderr, command.Dir = log, log, l.folder
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return err
	}
	l.envoys = append(l.envoys, command)
	return nil
}

func (l *lab) log(of proxy) string { return filepath.Join(l.folder, of.Name+".log") }

// bootstrap is what istio-agent would write; all servers are on Unix sockets, so that only pods' addresses are listened on.
func (l *lab) bootstrap(wanted plan, of proxy) map[string]any {
	socket := func(name string) map[string]any {
		return map[string]any{"pipe": map[string]string{"path": l.socket(name)}}
	}
	cluster := func(name, at string) map[string]any {
		return map[string]any{
			"name": name, "type": "STATIC", "connect_timeout": "5s",
			"typed_extension_protocol_options": map[string]any{"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": map[string]any{
				"@type":                "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
				"explicit_http_config": map[string]any{"http2_protocol_options": map[string]any{}},
			}},
			"load_assignment": map[string]any{"cluster_name": name, "endpoints": []any{
				map[string]any{"lb_endpoints": []any{map[string]any{"endpoint": map[string]any{"address": socket(at)}}}},
			}},
		}
	}
	ports, _ := json.Marshal(of.Ports)
	aggregated := map[string]any{"ads": map[string]any{}, "resource_api_version": "V3"}
	return map[string]any{
		"node": map[string]any{"id": of.node(), "cluster": of.Name + "." + of.Namespace, "metadata": map[string]any{
			"NAMESPACE": of.Namespace, "SERVICE_ACCOUNT": of.Account, "LABELS": of.Labels, "CLUSTER_ID": "Kubernetes", "INSTANCE_IPS": of.Address,
			"INTERCEPTION_MODE": "NONE", "ISTIO_VERSION": "1.31.0", "POD_PORTS": string(ports),
		}},
		"admin": map[string]any{"address": socket(adminOf(of))},
		"dynamic_resources": map[string]any{"lds_config": aggregated, "cds_config": aggregated, "ads_config": map[string]any{
			"api_type": "GRPC", "transport_api_version": "V3", "set_node_on_first_message_only": true,
			"grpc_services": []any{map[string]any{
				"envoy_grpc":       map[string]any{"cluster_name": "xds-grpc"},
				"initial_metadata": []any{map[string]string{"key": identityHeader, "value": of.identity(wanted.TrustDomain)}},
			}},
		}},
		"static_resources": map[string]any{"clusters": []any{cluster("xds-grpc", configurationSocket), cluster("sds-grpc", secretsSocket)}},
	}
}

func adminOf(of proxy) string { return "admin-" + of.Name }

// ready waits until an Envoy has all of its configuration, and says what it refused of it.
func (l *lab) ready(of proxy, process *exec.Cmd) ([]string, error) {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", l.socket(adminOf(of)))
		},
	}}
	for latest := time.Now().Add(patience); time.Now().Before(latest); time.Sleep(50 * time.Millisecond) {
		found, err := statistics(client)
		if err != nil {
			if ended(process) {
				break
			}
			continue
		}
		rejected := found["listener_manager.lds.update_rejected"] + found["cluster_manager.cds.update_rejected"]
		if rejected > 0 {
			return []string{fmt.Sprintf("%s: %s", of.Name, l.complaints(of))}, nil
		}
		if found["listener_manager.workers_started"] == 1 && found["listener_manager.lds.update_success"] > 0 &&
			found["listener_manager.total_listeners_warming"] == 0 && found["cluster_manager.warming_clusters"] == 0 {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("the proxy of %s is not ready: %s", of.Name, l.complaints(of))
}

func ended(process *exec.Cmd) bool { return process.Process.Signal(syscall.Signal(0)) != nil }

func statistics(client *http.Client) (map[string]int, error) {
	const wanted = `(listener_manager\.(workers|total|lds)|cluster_manager\.(warming|cds))`
	said, err := client.Get("http://envoy/stats?filter=" + wanted)
	if err != nil {
		return nil, err
	}
	defer said.Body.Close()
	var text strings.Builder
	if _, err := copyAll(&text, said.Body); err != nil {
		return nil, err
	}
	found := map[string]int{}
	for _, line := range strings.Split(text.String(), "\n") {
		name, value, _ := strings.Cut(line, ": ")
		if number, err := strconv.Atoi(value); err == nil {
			found[name] = number
		}
	}
	return found, nil
}

// complaints are the last words of a proxy that are no mere warnings of age.
func (l *lab) complaints(of proxy) string {
	raw, err := os.ReadFile(l.log(of))
	if err != nil {
		return err.Error()
	}
	var found []string
	for _, line := range strings.Split(string(raw), "\n") {
		if strings.Contains(line, "rejected") || strings.Contains(line, "[error]") || strings.Contains(line, "[critical]") {
			found = append(found, line)
		}
	}
	return strings.Join(found[max(0, len(found)-3):], " | ")
}

// stop ends the proxies, then what they hang on.
func (l *lab) stop() {
	for _, each := range l.envoys {
		_ = each.Process.Signal(syscall.SIGTERM)
	}
	var waiting sync.WaitGroup
	for _, each := range l.envoys {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			late := time.AfterFunc(5*time.Second, func() { _ = each.Process.Kill() })
			_ = each.Wait()
			late.Stop()
		}()
	}
	waiting.Wait()
	for _, end := range l.ending {
		end()
	}
}
