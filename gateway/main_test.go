package gateway_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	ctrl "sigs.k8s.io/controller-runtime"

	"lienthong.gov.vn/connector-operator/gateway"
)

// asGateway makes the test binary a gateway process: its directories, separated by a colon.
const asGateway = "TEST_AS_GATEWAY"

func TestMain(m *testing.M) {
	if dirs := os.Getenv(asGateway); dirs != "" {
		os.Exit(runAsGateway(dirs))
	}
	flag.Parse()
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if leaked := leakedGoroutines(); leaked != "" && code == 0 {
		fmt.Println("goroutines of the gateway or of net/http are left after the tests:\n" + leaked)
		code = 1
	}
	os.Exit(code)
}

// runAsGateway is what the subcommand gateway does; it prints its addresses.
func runAsGateway(dirs string) int {
	configDir, identityDir, _ := strings.Cut(dirs, ":")
	err := gateway.Run(ctrl.SetupSignalHandler(), gateway.Options{
		ConfigDir: configDir, IdentityDir: identityDir, Version: "process",
		Log: funcr.NewJSON(func(line string) { fmt.Fprintln(os.Stderr, line) }, funcr.Options{}),
		OnListening: func(a gateway.Addresses) {
			fmt.Printf("%s %s %s %s\n", a.Inbound, a.Outbound, a.Status, a.Probes)
		},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// leakedGoroutines waits for what is ending and returns the stacks that stay.
func leakedGoroutines() string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		leaked := suspects()
		if leaked == "" {
			return ""
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return leaked
		}
	}
}

func suspects() string {
	buffer := make([]byte, 4<<20)
	buffer = buffer[:runtime.Stack(buffer, true)]
	var found []string
	for stack := range strings.SplitSeq(string(buffer), "\n\n") {
		if strings.Contains(stack, "suspects()") || strings.Contains(stack, "gateway_test.TestMain") {
			continue
		}
		if strings.Contains(stack, "connector-operator/") || strings.Contains(stack, "net/http.") || strings.Contains(stack, "fsnotify") {
			found = append(found, stack)
		}
	}
	return strings.Join(found, "\n\n")
}
