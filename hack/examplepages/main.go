// Command examplepages writes pages of made-up standings, for the tests in a browser and for the pictures in the documentation:
// the agencies of the first roll-out before their deadlines of 2018 and 2019, a country of five thousand agencies, and agencies whose names
// try to break out of the page. Beside each page lies a list of what it must show.
//
//	go run ./hack/examplepages -o directory
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	_ "time/tzdata" // a bare machine has no time zone database

	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/page"
	"lienthong.gov.vn/connector-operator/report/view"
)

func main() {
	directory := flag.String("o", "", "`directory` to write to")
	data := flag.String("data", "config/samples/decision-28", "`directory` with the objects of the first roll-out")
	flag.Parse()
	if err := run(*directory, *data); err != nil {
		fmt.Fprintf(os.Stderr, "examplepages: %v\n", err)
		os.Exit(1)
	}
}

// shown is what a page must show.
type shown struct {
	Code, Vietnamese, English string
	Cohort                    string
	States                    []string
}

func run(directory, data string) error {
	if directory == "" {
		return fmt.Errorf("-o names no directory; write -o and where the pages are to go")
	}
	rollout, err := rollOut(data)
	if err != nil {
		return err
	}
	for _, example := range []struct {
		name     string
		view     *view.View
		language locale.Language
	}{
		{"rollout-vi", rollout, locale.Vietnamese},
		{"rollout-en", rollout, locale.English},
		{"large", large(5000), locale.Vietnamese},
		{"many", large(1500), locale.Vietnamese},
		{"hostile", hostile(rollout), locale.English},
		{"empty", &view.View{TakenAt: rollout.TakenAt}, locale.Vietnamese},
	} {
		if err := write(filepath.Join(directory, example.name), example.view, example.language); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, v *view.View, language locale.Language) error {
	var html bytes.Buffer
	if err := page.Render(&html, v, page.Options{Language: language}); err != nil {
		return err
	}
	if err := os.WriteFile(path+".html", html.Bytes(), 0o600); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	list, err := json.MarshalIndent(expected(v), "", "  ")
	if err != nil {
		return fmt.Errorf("writing what the page shows: %w", err)
	}
	return os.WriteFile(path+".json", list, 0o600)
}

func expected(v *view.View) []shown {
	list := []shown{}
	for i := range v.Agencies {
		a := &v.Agencies[i]
		s := shown{Code: a.Code, Vietnamese: view.Line(a.Names.Vi), English: view.Line(a.Names.En)}
		for _, m := range a.Milestones {
			s.Cohort = m.Cohort
			s.States = append(s.States, string(m.State))
		}
		list = append(list, s)
	}
	return list
}
