// Command istio-analyze runs the analyzers of istioctl on a YAML file as if a cluster had just what is in it; a finding is a line of JSON.
//
// Without a cluster istioctl itself leaves out the analyzers that need Services, Deployments or Namespaces, even where its files have them.
package main

import (
	"encoding/json"
	"log"
	"os"

	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/local"
	istiolog "istio.io/istio/pkg/log"
)

func main() {
	log.SetFlags(0)
	for _, scope := range istiolog.Scopes() {
		scope.SetOutputLevel(istiolog.NoneLevel)
	}
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	analyzer := local.NewIstiodAnalyzer(analyzers.AllCombined(), "", "istio-system", nil)
	// First of all, since the first source decides which kinds are read.
	if err := analyzer.AddTestReaderKubeSource([]local.ReaderSource{{Name: file.Name(), Reader: file}}); err != nil {
		log.Fatal(err)
	}
	if err := analyzer.AddDefaultResources(); err != nil {
		log.Fatal(err)
	}
	result, err := analyzer.Analyze(make(chan struct{}))
	if err != nil {
		log.Fatal(err)
	}
	if len(result.SkippedAnalyzers) > 0 {
		log.Fatal("left out: ", result.SkippedAnalyzers)
	}
	output := json.NewEncoder(os.Stdout)
	for _, message := range result.Messages {
		if err := output.Encode(&message); err != nil {
			log.Fatal(err)
		}
	}
}
