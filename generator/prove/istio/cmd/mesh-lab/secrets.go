package main

import (
	"strconv"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secret "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/protobuf/types/known/anypb"
)

// agent is what istio-agent is to its proxy: it serves the workload's certificate and the root (SDS v3).
type agent struct {
	secret.UnimplementedSecretDiscoveryServiceServer
	authority  *authority
	identities map[string]string // by the id of the node
}

func (a *agent) StreamSecrets(stream secret.SecretDiscoveryService_StreamSecretsServer) error {
	var identity string
	for number := 1; ; number++ {
		asked, err := stream.Recv()
		if err != nil {
			return err
		}
		if asked.GetNode().GetId() != "" {
			identity = a.identities[asked.GetNode().GetId()]
		}
		if asked.GetResponseNonce() != "" {
			continue // an acknowledgement
		}
		said := &discovery.DiscoveryResponse{VersionInfo: "1", Nonce: strconv.Itoa(number), TypeUrl: asked.GetTypeUrl()}
		for _, name := range asked.GetResourceNames() {
			found, err := a.secret(name, identity)
			if err != nil {
				return err
			}
			packed, err := anypb.New(found)
			if err != nil {
				return err
			}
			said.Resources = append(said.Resources, packed)
		}
		if err := stream.Send(said); err != nil {
			return err
		}
	}
}

func (a *agent) secret(name, identity string) (*tlsv3.Secret, error) {
	if name == "ROOTCA" {
		trusted := &tlsv3.CertificateValidationContext{TrustedCa: inline(a.authority.rootPEM())}
		return &tlsv3.Secret{Name: name, Type: &tlsv3.Secret_ValidationContext{ValidationContext: trusted}}, nil
	}
	issued, err := a.authority.workload(identity)
	if err != nil {
		return nil, err
	}
	key, err := keyPEM(issued)
	own := &tlsv3.TlsCertificate{CertificateChain: inline(certificatePEM(issued.Certificate[0])), PrivateKey: inline(key)}
	return &tlsv3.Secret{Name: name, Type: &tlsv3.Secret_TlsCertificate{TlsCertificate: own}}, err
}

func inline(text string) *core.DataSource {
	return &core.DataSource{Specifier: &core.DataSource_InlineString{InlineString: text}}
}
