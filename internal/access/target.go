package access

// Target is a system that access is delivered into. What a target can do is
// declared by its connector.
type Target struct {
	ID     TargetID
	Tenant TenantID
	Name   string
	// Kind names the connector: TargetBuiltIn is the directory inside the portal.
	Kind   string
	Config map[string]string // what the connector needs; secrets are encrypted at rest
}

// TargetBuiltIn is the kind of the built-in directory, which every tenant has.
const TargetBuiltIn = "directory"
