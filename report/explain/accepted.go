package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// accepted tells why a Connector cannot be honoured.
func (t *teller) accepted(depth int, link *Link, condition *metav1.Condition) {
	c := link.Connector
	switch condition.Reason {
	case v1alpha1.ReasonAgencyNotFound, v1alpha1.ReasonAgencyNotActive, v1alpha1.ReasonAgencyNotAccepted, v1alpha1.ReasonNamespaceNotListed:
		t.agencyRefuses(depth, link, condition.Reason)
	case v1alpha1.ReasonHubNotFound, v1alpha1.ReasonHubNotAccepted, v1alpha1.ReasonAgencyNotListed, v1alpha1.ReasonAgencyRevoked,
		"HubNetworkUnknown", "LogCollectorUnknown":
		t.hubRefuses(depth, link, condition.Reason)
	case v1alpha1.ReasonClassNotFound, v1alpha1.ReasonClassNotAccepted:
		t.say(depth, Bad, t.l.Say("Lớp kết nối %s không dùng được.", "ConnectorClass %s cannot be used.", c.Spec.ClassName),
			t.byAuditor("kubectl get connectorclasses"), t.byPlatform("kubectl describe connectorclass %s", c.Spec.ClassName))
	case v1alpha1.ReasonProfileNotFound, v1alpha1.ReasonProfileAmbiguous:
		t.noProfile(depth, link)
	case v1alpha1.ReasonReplicasBelowProfile:
		t.say(depth, Bad, t.l.Say("Bỏ spec.replicas thì số pod theo hồ sơ an toàn.", "Without spec.replicas, the profile says how many pods run."),
			t.byTenant(`kubectl -n %s patch connector %s --type=json -p '[{"op":"remove","path":"/spec/replicas"}]'`, c.Namespace, c.Name))
	case v1alpha1.ReasonForeignObject:
		t.say(depth, Bad, t.l.Say("Một đối tượng cùng tên không phải của kết nối này; hãy xóa hoặc đổi tên nó.",
			"An object of that name is not the Connector's; delete it, or make it anew under another name."),
			t.byViewer("kubectl -n %s get deployments,services,configmaps,networkpolicies,certificates %s", c.Namespace, objects(c)))
	case "ObjectRejected":
		t.say(depth, Bad, t.l.Say("Một quy tắc của cụm máy không cho tạo đối tượng này.", "A rule of the cluster does not let the object be made."),
			t.byPlatform("kubectl -n %s get events --field-selector involvedObject.name=%s", c.Namespace, c.Name))
	default:
		t.say(depth, Bad, t.l.Say("Hãy sửa khai báo của kết nối theo câu trên.", "Correct the spec of the Connector as the sentence above says."),
			t.byTenant("kubectl -n %s edit connector %s", c.Namespace, c.Name))
	}
}

// agencyRefuses tells what of the Agency keeps the Connector from acting for it.
func (t *teller) agencyRefuses(depth int, link *Link, reason string) {
	c, name := link.Connector, link.Connector.Spec.AgencyRef.Name
	switch {
	case reason == v1alpha1.ReasonAgencyNotFound:
		t.say(depth, Bad, t.l.Say("Chưa có cơ quan %s; bên quản trị nền tảng khai báo cơ quan, hoặc kết nối phải trỏ tới cơ quan khác.",
			"There is no Agency %s; the platform declares it, or the Connector has to name another.", name), t.byAuditor("kubectl get agencies"))
	case t.c.Agency == nil:
		t.say(depth, Bad, t.l.Say("Xem cơ quan %s.", "See Agency %s.", name), t.byAuditor("kubectl lienthong explain agency/%s", name))
	case reason == v1alpha1.ReasonAgencyNotActive:
		t.successor(depth)
	case reason == v1alpha1.ReasonAgencyNotAccepted:
		t.agencyAccepted(depth)
	default:
		t.notListed(depth, c)
	}
}

// notListed tells that a namespace may not act for the agency, and how it would be let to.
func (t *teller) notListed(depth int, c *v1alpha1.Connector) {
	namespaces := t.c.Agency.Spec.Namespaces
	patch := fmt.Sprintf(`[{"op":"add","path":"/spec/namespaces/-","value":%q}]`, c.Namespace)
	text := t.l.Say("Cơ quan %s chỉ cho phép các namespace %s; kết nối nằm trong %s.", "Agency %s lists the namespaces %s; the Connector is in %s.",
		t.c.Agency.Name, list(namespaces), c.Namespace)
	if len(namespaces) == 0 {
		patch = fmt.Sprintf(`[{"op":"add","path":"/spec/namespaces","value":[%q]}]`, c.Namespace)
		text = t.l.Say("Cơ quan %s chưa cho phép namespace nào; kết nối nằm trong %s.", "Agency %s lists no namespace; the Connector is in %s.",
			t.c.Agency.Name, c.Namespace)
	}
	t.say(depth, Bad, text+t.l.Say(" Chỉ thêm namespace khi nó đúng là của cơ quan.", " Add it only if the namespace is the agency's."),
		t.byPlatform(`kubectl patch agency %s --type=json -p '%s'`, t.c.Agency.Name, patch))
}

func (t *teller) successor(depth int) {
	successor := ""
	if t.c.Agency.Spec.SupersededBy != nil {
		successor = t.c.Agency.Spec.SupersededBy.Name
	}
	t.say(depth, Bad, t.l.Say("Cơ quan %s đã sáp nhập vào %s; hãy tạo kết nối cho cơ quan đó.",
		"Agency %s was merged into %s; create a Connector for that agency.", t.c.Agency.Name, successor),
		t.byAuditor("kubectl lienthong explain agency/%s", successor))
}

// noProfile tells which levels the regime of the hub has a profile for.
func (t *teller) noProfile(depth int, link *Link) {
	if link.Hub == nil {
		t.say(depth, Bad, t.l.Say("Không có hồ sơ an toàn cho cấp độ này.", "There is no SecurityProfile for the level."),
			t.byAuditor("kubectl get securityprofiles"))
		return
	}
	var levels []string
	for _, p := range link.Profiles {
		if p.Spec.Regime == link.Hub.Spec.Regime {
			levels = append(levels, strconv.Itoa(int(p.Spec.Level)))
		}
	}
	slices.Sort(levels)
	has := strings.Join(slices.Compact(levels), ", ")
	if has == "" {
		has = t.l.Say("không có", "none")
	}
	t.say(depth, Bad, t.l.Say("Chế độ pháp lý %s có hồ sơ cho các cấp độ: %s; kết nối khai cấp độ %d.",
		"The regime %s has profiles for the levels: %s; the Connector declares level %d.", link.Hub.Spec.Regime, has, link.Connector.Spec.SecurityLevel),
		t.byAuditor("kubectl get securityprofiles"), t.byPlatform("kubectl apply -k config/profiles"))
}
