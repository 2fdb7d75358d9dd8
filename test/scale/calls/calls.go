// Package calls counts what a client asks of an API server, on the wire: every attempt, whoever in the process made it, as the
// API server itself classifies it. It is for tests and measurements; it keeps what it saw in memory only.
package calls

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// Call is one request and how it was answered.
type Call struct {
	// Start is when it was sent, and End when its answer began.
	Start, End time.Time
	// Verb as in a role: get, list, watch, create, update, patch, delete. Of what concerns no resource, such as discovery, it
	// is the HTTP method in lower case.
	Verb string
	// Resource with its group, such as deployments.apps; the path of what concerns no resource.
	Resource string
	// Subresource, such as status.
	Subresource string
	// Namespace and Name of the object; a list has no name.
	Namespace, Name string
	// Owner is the Connector in Namespace that the call is about; empty if it is about none, or no Recorder.Owner was given.
	Owner string
	// Code of the answer; 0 if there was none.
	Code int
	// Patch is what a patch says; the Recorder keeps it only with KeepPatches.
	Patch string
}

// Class is the verb and the resource, by which calls are reported.
func (c *Call) Class() string {
	if c.Subresource == "" {
		return c.Verb + " " + c.Resource
	}
	return c.Verb + " " + c.Resource + "/" + c.Subresource
}

// Writes tells whether the call asks for a change.
func (c *Call) Writes() bool {
	switch c.Verb {
	case "get", "list", "watch":
		return false
	}
	return true
}

// String is for messages of tests.
func (c *Call) String() string {
	return fmt.Sprintf("%s %s/%s (%d)", c.Class(), c.Namespace, c.Name, c.Code)
}

// Recorder records the calls of every transport that it wraps.
type Recorder struct {
	// Owner tells from a call, and from the object that it sends if it creates one, which Connector it is about.
	Owner func(c *Call, created runtime.Object) string
	// KeepPatches keeps what patches say, for whoever wonders why there are so many.
	KeepPatches bool

	decoder runtime.Decoder
	mu      sync.Mutex
	calls   []Call
}

// NewRecorder makes a Recorder that knows the kinds of the scheme.
func NewRecorder(scheme *runtime.Scheme, owner func(*Call, runtime.Object) string) *Recorder {
	return &Recorder{Owner: owner, decoder: serializer.NewCodecFactory(scheme).UniversalDeserializer()}
}

// All gives every call so far, in the order in which they were answered.
func (r *Recorder) All() []Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Call(nil), r.calls...)
}

// Wrap is for rest.Config.Wrap.
func (r *Recorder) Wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		call, err := r.describe(req)
		if err != nil {
			return nil, err
		}
		call.Start = time.Now()
		response, err := next.RoundTrip(req)
		call.End = time.Now()
		if response != nil {
			call.Code = response.StatusCode
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.calls = append(r.calls, *call)
		return response, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func (r *Recorder) describe(req *http.Request) (*Call, error) {
	factory := request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
	info, err := factory.NewRequestInfo(req)
	if err != nil {
		return nil, fmt.Errorf("classifying the call %s %s: %w", req.Method, req.URL, err)
	}
	call := &Call{Verb: info.Verb, Resource: info.Path}
	if !info.IsResourceRequest {
		return call, nil
	}
	call.Resource, call.Subresource, call.Namespace, call.Name = info.Resource, info.Subresource, info.Namespace, info.Name
	if info.APIGroup != "" {
		call.Resource += "." + info.APIGroup
	}
	if call.Verb == "patch" && r.KeepPatches {
		data, err := r.body(req)
		if err != nil {
			return nil, err
		}
		call.Patch = string(data)
	}
	if r.Owner == nil {
		return call, nil
	}
	var created runtime.Object
	if call.Verb == "create" {
		if created, err = r.created(req); err != nil {
			return nil, err
		}
	}
	call.Owner = r.Owner(call, created)
	return call, nil
}

// created decodes what the request sends. A kind that the scheme does not know is nobody's child.
func (r *Recorder) created(req *http.Request) (runtime.Object, error) {
	data, err := r.body(req)
	if err != nil || data == nil {
		return nil, err
	}
	object, _, err := r.decoder.Decode(data, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("decoding what %s %s sends: %w", req.Method, req.URL, err)
	}
	return object, nil
}

// body reads what the request sends and leaves the request as it was.
func (r *Recorder) body(req *http.Request) ([]byte, error) {
	if req.GetBody == nil {
		return nil, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, fmt.Errorf("reading what %s %s sends: %w", req.Method, req.URL, err)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("reading what %s %s sends: %w", req.Method, req.URL, err)
	}
	return data, nil
}
