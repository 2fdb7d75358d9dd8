package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// startCluster starts the local cluster and learns which kind of pods it has.
func (s *Stage) startCluster(ctx context.Context) error {
	args := []string{"up"}
	if s.Pods != "" {
		args = append(args, "--pods="+s.Pods)
	}
	if err := s.localCluster(ctx, s.Out, args...); err != nil {
		return err
	}
	s.Kubeconfig = s.data("kubeconfig")
	text, err := os.ReadFile(s.data("state.json"))
	if err != nil {
		return fmt.Errorf("learning what kind of pods the local cluster has: %w", err)
	}
	var state struct {
		Mode string `json:"mode"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return fmt.Errorf("reading %s: %w", s.data("state.json"), err)
	}
	s.Simulated = state.Mode == "simulated"
	return nil
}

func (s *Stage) localCluster(ctx context.Context, out io.Writer, args ...string) error {
	command := exec.CommandContext(ctx, "go", append([]string{"-C", s.path("hack", "localcluster"), "run", "."}, append(args, "--name", s.Name)...)...)
	command.Stdout, command.Stderr = out, s.Out
	if err := command.Run(); err != nil {
		return fmt.Errorf("running the local cluster's %s: %w", args[0], err)
	}
	return nil
}

// images builds the programs that no image was given for, and gives them to the local cluster as images.
func (s *Stage) images(ctx context.Context) error {
	for _, image := range []struct {
		program, name string
		reference     *string
	}{
		{".", "connector-operator", &s.Images.Operator},
		{"./test/hub", "stand-in-hub", &s.Images.Hub},
		{"./test/agencysystem", "stand-in-agency-system", &s.Images.AgencySystem},
	} {
		if *image.reference != "" {
			continue
		}
		binary := s.path(".local", "bin", image.name)
		if err := s.build(ctx, image.program, binary); err != nil {
			return err
		}
		var out bytes.Buffer
		if err := s.localCluster(ctx, &out, "load-image", "--binary", binary, "--ref", "localhost/lienthong/"+image.name+":dev"); err != nil {
			return err
		}
		*image.reference = strings.TrimSpace(out.String())
	}
	return nil
}

// build makes a static program, because the images hold nothing else.
func (s *Stage) build(ctx context.Context, program, binary string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, program)
	command.Dir = s.Root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	command.Stdout, command.Stderr = s.Out, s.Out
	if err := command.Run(); err != nil {
		return fmt.Errorf("building %s: %w", program, err)
	}
	return nil
}
