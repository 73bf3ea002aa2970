// Package apiserver makes `go mod tidy` keep the modules whose resource definitions are taken.
package apiserver

import (
	_ "istio.io/api/networking/v1"
	_ "sigs.k8s.io/gateway-api/apis/v1"
)
