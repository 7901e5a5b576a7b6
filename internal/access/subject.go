package access

import (
	"cmp"
)

// SubjectKind is the kind of subject of a SubjectRef.
type SubjectKind string

// The kinds of subject that a policy can name.
const (
	SubjectPerson       SubjectKind = "singleUser"
	SubjectGroup        SubjectKind = "groupMembers"
	SubjectOrganization SubjectKind = "connectedOrganizationMembers"
)

// SubjectRef names a person, the members of a group, or the people of a
// connected organization.
type SubjectRef struct {
	Kind SubjectKind `json:"kind"`
	ID   string      `json:"id"`
}

// Compare orders references by kind and id.
func (r SubjectRef) Compare(o SubjectRef) int {
	return cmp.Or(cmp.Compare(r.Kind, o.Kind), cmp.Compare(r.ID, o.ID))
}

// isPersonOrGroup reports whether the reference names a person or a group.
func (r SubjectRef) isPersonOrGroup() bool { return r.Kind == SubjectPerson || r.Kind == SubjectGroup }
