// Command cron-check says of each schedule whether Kubernetes would take it for a CronJob, by the parser and the rules of its API server.
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // the same time zones on every machine

	"github.com/robfig/cron/v3"
)

type asked struct {
	Schedule string  `json:"schedule"`
	TimeZone *string `json:"timeZone"`
}

type answer struct {
	Schedule string `json:"schedule,omitempty"`
	TimeZone string `json:"timeZone,omitempty"`
}

func main() {
	log.SetFlags(0)
	var questions []asked
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		log.Fatal(err)
	}
	answers := []answer{}
	for _, each := range questions {
		answers = append(answers, answer{schedule(each.Schedule), timeZone(each.TimeZone)})
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		log.Fatal(err)
	}
}

// schedule has its zone in a field of its own, so Kubernetes refuses one that the parser would take.
func schedule(text string) string {
	if strings.Contains(text, "TZ") {
		return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
	}
	if _, err := cron.ParseStandard(text); err != nil {
		return err.Error()
	}
	return ""
}

// timeZone must not depend on where the controller runs.
func timeZone(name *string) string {
	if name == nil {
		return ""
	}
	if *name == "" || strings.EqualFold(*name, "Local") {
		return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
	}
	if _, err := time.LoadLocation(*name); err != nil {
		return err.Error()
	}
	return ""
}
