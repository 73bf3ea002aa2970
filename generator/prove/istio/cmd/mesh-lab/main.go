// Command mesh-lab runs a mesh on loopback: Istio's own configuration generator drives stock Envoys, between servers that answer as they are told
// and clients that ask as they are told. It judges nothing. It obeys lines of JSON on its standard input, answers each with a line of JSON,
// and when the input ends it ends all that it started.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"istio.io/istio/pkg/test"
)

// grace is for what ends by itself.
const grace = 8 * time.Second

// A request has one of these.
type request struct {
	Keys  bool         `json:"keys"`
	Start *plan        `json:"start"`
	Run   *performance `json:"run"`
}

type answer struct {
	Error   string     `json:"error,omitempty"`
	Keys    string     `json:"keys,omitempty"`
	Started *started   `json:"started,omitempty"`
	Results [][]result `json:"results,omitempty"`
}

// The kernel ends an Envoy with the thread that started it, so that one must live as long as the program does.
func init() { runtime.LockOSThread() }

func main() {
	output, err := onlyOutput()
	if err != nil {
		fail(err)
	}
	answers := json.NewEncoder(output)
	err = test.Wrap(func(t test.Failer) {
		signal.Ignore(syscall.SIGINT) // the keyboard's; who started this decides
		lab, err := newLab(t)
		if err != nil {
			t.Fatal(err)
		}
		defer lab.stop()
		for line := range lines() {
			var asked request
			err := json.Unmarshal(line, &asked)
			said := answer{}
			if err == nil {
				said, err = lab.obey(asked)
			}
			if err != nil {
				said = answer{Error: err.Error()}
			}
			if answers.Encode(said) != nil {
				return
			}
		}
	})
	if err != nil {
		fail(err)
	}
}

// onlyOutput keeps the standard output for answers: what Istio prints there goes with the errors.
func onlyOutput() (*os.File, error) {
	kept, err := syscall.Dup(1)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(kept)
	return os.NewFile(uintptr(kept), "answers"), syscall.Dup3(2, 1, 0)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "mesh-lab:", err)
	os.Exit(1)
}

// lines are those of the standard input. When it ends, so does this program, whatever it is at: the kernel then ends what it has started.
func lines() <-chan []byte {
	found := make(chan []byte)
	go func() {
		reader := bufio.NewReader(os.Stdin)
		for {
			line, err := reader.ReadBytes('\n')
			if err != nil {
				close(found)
				time.Sleep(grace)
				os.Exit(1)
			}
			found <- line
		}
	}()
	return found
}

func (l *lab) obey(asked request) (answer, error) {
	switch {
	case asked.Keys:
		keys, err := l.authority.keySet()
		return answer{Keys: keys}, err
	case asked.Start != nil:
		found, err := l.start(*asked.Start)
		return answer{Started: found}, err
	case asked.Run != nil:
		return answer{Results: l.perform(*asked.Run)}, nil
	}
	return answer{}, fmt.Errorf("neither keys, start nor run")
}
