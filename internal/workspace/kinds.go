package workspace

import "myaccess/internal/access"

// noDirectory is the fault of a reference to a directory that does not exist.
const noDirectory access.Message = "There's no directory “%s”."

// kindWords are the sentences about a kind of object: lines of a plan, formats for the
// name, and the fault of a name that the file has twice, a format for the name and the line
// of the first.
type kindWords struct{ create, update, twice access.Message }

// wordsOf returns the sentences about a kind of object.
func wordsOf(kind string) kindWords {
	switch kind {
	case "directory":
		return kindWords{"Create directory “%s”", "Update directory “%s”", "The directory “%s” is already on line %d."}
	case "tenant":
		return kindWords{"Create tenant “%s”", "Update tenant “%s”", "The tenant “%s” is already on line %d."}
	case "user":
		return kindWords{"Create user “%s”", "Update user “%s”", "The user “%s” is already on line %d."}
	case "resource":
		return kindWords{"Add resource “%s”", "Update resource “%s”", "The resource “%s” is already on line %d."}
	case "connected organization":
		return kindWords{"Create connected organization “%s”", "Update connected organization “%s”",
			"The connected organization “%s” is already on line %d."}
	case "catalog":
		return kindWords{"Create catalog “%s”", "Update catalog “%s”", "The catalog “%s” is already on line %d."}
	case "access package":
		return kindWords{"Create access package “%s”", "Update access package “%s”",
			"The access package “%s” is already on line %d."}
	case "assignment policy":
		return kindWords{"Create policy “%s”", "Update policy “%s”", "The policy “%s” is already on line %d."}
	case "group":
		return kindWords{create: "Create group “%s”", update: "Update group “%s”"}
	case "team":
		return kindWords{create: "Create team “%s”", update: "Update team “%s”"}
	case "site":
		return kindWords{create: "Create site “%s”", update: "Update site “%s”"}
	case "application":
		return kindWords{create: "Create application “%s”", update: "Update application “%s”"}
	case "member of group":
		return kindWords{create: "Add group member “%s”"}
	case "member of team":
		return kindWords{create: "Add team member “%s”"}
	case "member of site":
		return kindWords{create: "Add site member “%s”"}
	case "member of application":
		return kindWords{create: "Add application member “%s”"}
	case "role":
		return kindWords{create: "Assign role “%s”"}
	case "relations of user":
		return kindWords{update: "Update manager and sponsors of user “%s”"}
	}
	return kindWords{}
}
