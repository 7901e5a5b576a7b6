package access

type Message string

type Error struct{ Msg Message }

const Stored Message = "A stored sentence."

func Refuse(format Message, args ...any) Error { return Error{Msg: format} }

func rules() []Error {
	return []Error{Refuse("%s is refused.", "x"), {Msg: "A field of a " + "struct."}}
}
