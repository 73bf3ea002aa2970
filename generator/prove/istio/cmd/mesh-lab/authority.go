package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const lifetime = 24 * time.Hour

// authority vouches for everybody: it is the mesh's certificate authority, the one that browsers trust, and the issuer of all tokens.
type authority struct {
	key    *ecdsa.PrivateKey
	root   *x509.Certificate
	signer *rsa.PrivateKey
	mutex  sync.Mutex
	issued map[string]tls.Certificate
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	signer, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject: pkix.Name{Organization: []string{"mesh-lab"}}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	raw, err := sign(template, template, key, key)
	if err != nil {
		return nil, err
	}
	root, err := x509.ParseCertificate(raw)
	return &authority{key: key, root: root, signer: signer, issued: map[string]tls.Certificate{}}, err
}

// workload gives the certificate of a SPIFFE identity, host that of a name; the same one each time.
func (a *authority) workload(identity string) (tls.Certificate, error) {
	uri, err := url.Parse(identity)
	if err != nil {
		return tls.Certificate{}, err
	}
	return a.certificate(identity, &x509.Certificate{URIs: []*url.URL{uri}})
}

func (a *authority) host(name string) (tls.Certificate, error) {
	return a.certificate(name, &x509.Certificate{DNSNames: []string{name}})
}

func (a *authority) certificate(name string, template *x509.Certificate) (tls.Certificate, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if found, ok := a.issued[name]; ok {
		return found, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	raw, err := sign(template, a.root, key, a.key)
	a.issued[name] = tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
	return a.issued[name], err
}

func sign(template, parent *x509.Certificate, key, by *ecdsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = serial, time.Now().Add(-time.Hour), time.Now().Add(lifetime)
	return x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
}

func (a *authority) pool() *x509.CertPool {
	found := x509.NewCertPool()
	found.AddCert(a.root)
	return found
}

func (a *authority) rootPEM() string { return certificatePEM(a.root.Raw) }

func certificatePEM(raw []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
}

func keyPEM(of tls.Certificate) (string, error) {
	raw, err := x509.MarshalPKCS8PrivateKey(of.PrivateKey)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})), err
}

// keySet is what a provider of identities publishes (RFC 7517).
func (a *authority) keySet() (string, error) {
	key := jose.JSONWebKey{Key: &a.signer.PublicKey, KeyID: "1", Algorithm: string(jose.RS256), Use: "sig"}
	raw, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}})
	return string(raw), err
}

// token is what a client shows: claims, signed by the issuer or, forged, by somebody else.
type token struct {
	Claims map[string]any `json:"claims"`
	Forged bool           `json:"forged"`
}

func (a *authority) bearer(wanted token) (string, error) {
	key := a.signer
	if wanted.Forged {
		other, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return "", err
		}
		key = other
	}
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", "1")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, options)
	if err != nil {
		return "", err
	}
	claims := map[string]any{"exp": time.Now().Add(lifetime).Unix(), "iat": time.Now().Add(-time.Minute).Unix()}
	for name, value := range wanted.Claims {
		claims[name] = value
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	return text, nil
}
