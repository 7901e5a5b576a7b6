package access

// Target is a system in which access is granted. Its connector declares what it
// can do.
type Target struct {
	ID     TargetID
	Tenant TenantID
	Name   string
	// Kind names the connector; TargetBuiltIn is the built-in directory.
	Kind   string
	Config map[string]string // what the connector needs; secrets are encrypted at rest
}

// TargetBuiltIn is the kind of the built-in directory, which every tenant has.
const TargetBuiltIn = "directory"
