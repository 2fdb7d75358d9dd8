package calls

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// OfConnector tells which Connector a call is about: itself, one of its children, its pods and CertificateRequests, or an Event about it.
func OfConnector(c *Call, created runtime.Object) string {
	switch {
	case c.Namespace == "":
		return ""
	case c.Resource == "connectors.lienthong.gov.vn":
		return c.Name
	case c.Name != "":
		return connectorIn(c.Name)
	}
	if event, ok := created.(*eventsv1.Event); ok {
		return connectorIn(event.Regarding.Name)
	}
	if object, err := meta.Accessor(created); err == nil {
		return object.GetLabels()[desired.LabelConnector]
	}
	return ""
}

// connectorIn finds the name of the Connector in that of an object: everything that a Connector consists of bears the same name, and what is
// made of that has it in front of its own.
func connectorIn(name string) string {
	if end := strings.LastIndex(name, desired.GatewayName("")); end >= 0 {
		return name[:end]
	}
	return name
}

// ByClass counts calls by their class.
func ByClass(list []Call) map[string]int {
	counts := map[string]int{}
	for i := range list {
		counts[list[i].Class()]++
	}
	return counts
}

// ByOwner gives the calls about each Connector.
func ByOwner(list []Call) map[types.NamespacedName][]Call {
	owned := map[types.NamespacedName][]Call{}
	for i := range list {
		if list[i].Owner != "" {
			key := types.NamespacedName{Namespace: list[i].Namespace, Name: list[i].Owner}
			owned[key] = append(owned[key], list[i])
		}
	}
	return owned
}

// Writes gives the calls that ask for a change.
func Writes(list []Call) []Call {
	return slices.DeleteFunc(slices.Clone(list), func(c Call) bool { return !c.Writes() })
}

// Reads gives the calls that read objects other than by a watch. Discovery reads no objects.
func Reads(list []Call) []Call {
	return slices.DeleteFunc(slices.Clone(list), func(c Call) bool {
		return c.Verb != "list" && (c.Verb != "get" || c.Namespace+c.Name == "")
	})
}

// Conflicts counts for each object the calls that were refused because it had been changed meanwhile.
func Conflicts(list []Call) map[string]int {
	counts := map[string]int{}
	for i := range list {
		if c := &list[i]; c.Code == http.StatusConflict {
			counts[c.Resource+" "+c.Namespace+"/"+c.Name]++
		}
	}
	return counts
}

// Format writes counts, one class per line, the most frequent first.
func Format(counts map[string]int) string {
	classes := make([]string, 0, len(counts))
	for class := range counts {
		classes = append(classes, class)
	}
	slices.SortFunc(classes, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	var text strings.Builder
	for _, class := range classes {
		fmt.Fprintf(&text, "%6d  %s\n", counts[class], class)
	}
	return text.String()
}
