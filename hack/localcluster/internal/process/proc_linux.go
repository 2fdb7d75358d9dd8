package process

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// bootID tells the starts of the machine apart: start times of processes are counted from there.
var bootID = sync.OnceValue(func() string {
	raw, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(raw))
})

// identify returns what stays the same as long as a process lives and is different for every later one with the same pid.
// A process that has ended but was not yet waited for does not run.
func identify(pid int) (identity string, running bool) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", false
	}
	// The second field is the command in parentheses, which may itself hold spaces: count from behind it.
	_, rest, found := strings.Cut(string(raw[strings.LastIndexByte(string(raw), ')')+1:]), " ")
	fields := strings.Fields(rest)
	const state, startTime = 0, 19
	if !found || len(fields) <= startTime {
		return "", false
	}
	return bootID() + ":" + fields[startTime], fields[state] != "Z" && fields[state] != "X"
}

// Find lists the processes whose executable has one of the given names and one of whose arguments contains the given
// text. It finds what no PID file tells of, as when a command was killed between starting a process and writing it down.
func Find(executables []string, argument string) []*Record {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	var found []*Record
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		raw, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if err != nil || pid == os.Getpid() {
			continue
		}
		args := strings.Split(string(raw), "\x00")
		matches := func(arg string) bool { return strings.Contains(arg, argument) }
		if !slices.Contains(executables, filepath.Base(args[0])) || !slices.ContainsFunc(args[1:], matches) {
			continue
		}
		if identity, running := identify(pid); running {
			found = append(found, &Record{PID: pid, Identity: identity})
		}
	}
	return found
}
