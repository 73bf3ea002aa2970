package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"google.golang.org/grpc/metadata"
	"k8s.io/apimachinery/pkg/util/yaml"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/constants"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/security"
	"istio.io/istio/pkg/test"
)

// identityHeader is how a proxy says who it is when it asks for its configuration; the stream is plain.
const identityHeader = "x-mesh-lab-identity"

// serveConfiguration is istiod without a cluster: its generators over Istio's in-memory client. It validates nothing.
func serveConfiguration(t test.Failer, listener net.Listener, trustDomain string, istio []config.Config, kubernetes string) {
	settings := mesh.DefaultMeshConfig()
	settings.TrustDomain = trustDomain
	server := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
		Configs: istio, KubernetesObjectString: kubernetes, MeshConfig: settings,
		// Who may read a Secret is the API server's to say; here a gateway gets what its Gateway names.
		DisableSecretAuthorization: true,
		ListenerBuilder:            func() (net.Listener, error) { return listener, nil },
	})
	server.Discovery.Authenticators = []security.Authenticator{believing{}}
}

type believing struct{}

func (believing) AuthenticatorType() string { return "mesh-lab" }

func (believing) Authenticate(asked security.AuthContext) (*security.Caller, error) {
	found := metadata.ValueFromIncomingContext(asked.GrpcContext, identityHeader)
	return &security.Caller{Identities: found}, nil
}

// readObjects tells Istio's configuration from Kubernetes' objects by API group. Without the Domain short host names
// match nothing, silently.
func readObjects(path string) (istio []config.Config, kubernetes []string, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(raw)))
	for {
		document, err := documents.Read()
		if err == io.EOF {
			return istio, kubernetes, nil
		}
		var head struct{ APIVersion string }
		if err == nil {
			err = yaml.Unmarshal(document, &head)
		}
		if err != nil {
			return nil, nil, err
		}
		if group, _, _ := strings.Cut(head.APIVersion, "/"); !strings.HasSuffix(group, ".istio.io") {
			kubernetes = append(kubernetes, string(document))
			continue
		}
		parsed, unknown, err := crd.ParseInputs(string(document))
		if err != nil {
			return nil, nil, err
		}
		if len(unknown) > 0 {
			return nil, nil, fmt.Errorf("Istio has no kind %s", unknown[0].Kind)
		}
		for _, each := range parsed {
			each.Domain = constants.DefaultClusterLocalDomain
			istio = append(istio, each)
		}
	}
}

// secret is the Secret that the platform's certificate manager would have put in place.
func (a *authority) secret(wanted certificate) (string, error) {
	issued, err := a.host(wanted.Host)
	if err != nil {
		return "", err
	}
	key, err := keyPEM(issued)
	if err != nil {
		return "", err
	}
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	raw, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
		"metadata": map[string]string{"name": wanted.Name, "namespace": wanted.Namespace},
		"data":     map[string]string{"tls.crt": encode(certificatePEM(issued.Certificate[0])), "tls.key": encode(key)},
	})
	return string(raw), err
}
