package image

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"runtime"
)

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// ReadStatic reads a program and refuses one that could not start in an empty image, where there is no dynamic loader.
func ReadStatic(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the program for the image: %w", err)
	}
	file, err := elf.NewFile(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s is not a Linux program: build it with GOOS=linux CGO_ENABLED=0 go build: %w", path, err)
	}
	if want, known := machines[runtime.GOARCH]; known && file.Machine != want {
		return nil, fmt.Errorf("%s is for %s and this machine is %s: build it with GOARCH=%s", path, file.Machine, runtime.GOARCH, runtime.GOARCH)
	}
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			return nil, fmt.Errorf("%s is dynamically linked and would not start in an empty image: build it with CGO_ENABLED=0", path)
		}
	}
	return raw, nil
}
