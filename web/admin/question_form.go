package admin

import (
	"net/url"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// questionField is the name of a field of question n, counted from 1; the
// prefix of all its fields if part is empty.
func questionField(n int, part string) string { return "questions." + strconv.Itoa(n) + "." + part }

// questionsTyped is how many questions a form has.
func questionsTyped(typed url.Values) int {
	n := 0
	for n <= access.MaxQuestions && typed.Has(questionField(n+1, "id")) {
		n++
	}
	return n
}

// policyQuestions are the fields for questions, one group each.
// arrangeQuestions applies their buttons.
func policyQuestions(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	n := questionsTyped(typed)
	groups := []views.Group{{Title: p.T("Questions"), Field: "questions", Error: faults["questions"],
		Text: p.T("Requestors answer these questions in this order. Approvers read the answers. Open requests keep their " +
			"questions.")}}
	for i := 1; i <= n; i++ {
		groups = append(groups, policyQuestion(c, i, n, typed, faults))
	}
	last := &groups[0]
	if n > 0 {
		groups = append(groups, views.Group{})
		last = &groups[n+1]
	}
	if n < access.MaxQuestions {
		last.Buttons = []views.Button{{Label: p.T("Add question"), Name: "add", Value: "question",
			FormAction: questionAt(c, questionField(n+1, "text"))}}
	}
	return groups
}

// questionAt is the URL of one of the fields on the current page.
func questionAt(c *kit.Context, field string) string { return c.Request().URL.Path + "#f-" + field }

func policyQuestion(c *kit.Context, n, of int, typed url.Values, faults map[string]string) views.Group {
	p := c.Printer
	name := func(part string) string { return questionField(n, part) }
	field := func(part string, f ui.Field) views.Part {
		f.Name = name(part)
		return kit.TextField(typed, faults, f)
	}
	choices := views.VisibleWhen{Field: name("kind"), Values: string(access.MultipleChoice)}
	g := views.Group{Title: p.T("Question %d", n), Parts: []views.Part{
		{Hidden: []views.Hidden{{Name: name("id"), Value: typed.Get(name("id"))}}},
		field("text", ui.Field{Label: p.T("Text of question %d", n), MaxLength: access.MaxDescriptionLength, Required: true}),
		field("texts", ui.Field{Label: p.T("Translations of question %d", n), Type: "area",
			Hint: translationsHint(c, "Warum brauchen Sie das?")}),
		kit.OptionsField(typed, faults, ui.Options{Name: name("kind"), Label: p.T("Answer format of question %d", n),
			Required: true,
			Options: []ui.Option{
				{Value: string(access.ShortText), Label: p.T("Short text")}, {Value: string(access.LongText),
					Label: p.T("Long text")},
				{Value: string(access.MultipleChoice), Label: p.T("Multiple choice")}}}),
		c.SwitchField(typed, faults, name("required"), p.T("Require an answer to question %d", n), ""),
		fieldWhen(choices, field("choices", ui.Field{Label: p.T("Choices of question %d", n), Type: "area", Required: true,
			Hint: p.T("One choice per line: the stored value, a bar and the text, optionally with translations, such as “eu | " +
				"Europe | de: Europa | fr: Europe”. A single text is both value and text.")})),
		fieldWhen(choices, c.SwitchField(typed, faults, name("several"), p.T("Allow multiple choices in question %d", n),
			"")),
	}, Buttons: questionButtons(c, n, of)}
	g.Parts = append(g.Parts, patternParts(c, n, typed, faults)...)
	return g
}

func translationsHint(c *kit.Context, example string) string {
	return c.Printer.T("One language per line: its code, a colon and the text, such as “de: %s”.", example)
}

// fieldWhen shows the part only under the condition.
func fieldWhen(w views.VisibleWhen, part views.Part) views.Part {
	part.VisibleWhen = w
	return part
}

// patternParts are the fields for the pattern of a text answer, with a test
// field.
func patternParts(c *kit.Context, n int, typed url.Values, faults map[string]string) []views.Part {
	p := c.Printer
	texts := views.VisibleWhen{Field: questionField(n, "kind"), Values: string(access.ShortText) + " " +
		string(access.LongText)}
	field := func(part string, f ui.Field) views.Part {
		f.Name = questionField(n, part)
		return fieldWhen(texts, kit.TextField(typed, faults, f))
	}
	try := field("try", ui.Field{Label: p.T("Test answer to question %d", n), MaxLength: access.MaxLongAnswerLength,
		Hint: p.T("Not saved.")})
	try.Buttons = []views.Button{{Label: p.T("Test question %d", n), Name: "try", Value: questionField(n, "try"),
		FormAction: questionAt(c, questionField(n, "try"))}}
	if try.Field.Value != "" {
		try.Field.Hint, try.Field.Error = testResult(c, readQuestion(n, typed, access.Question{}, &access.Errors{}),
			try.Field.Value)
	}
	return []views.Part{
		field("pattern", ui.Field{Label: p.T("Regular expression for question %d", n), MaxLength: access.MaxPatternLength,
			Hint: p.T("The whole answer must match (RE2 syntax), such as [A-Z]{2}-[0-9]+. Leave empty to accept any answer.")}),
		field("message", ui.Field{Label: p.T("Error message for question %d", n),
			MaxLength: access.MaxDescriptionLength}),
		field("messages", ui.Field{Label: p.T("Translations of the error message for question %d", n), Type: "area",
			Hint: translationsHint(c, "So wie AB-12.")}),
		try,
	}
}

// testResult is the result of testing an answer.
func testResult(c *kit.Context, q access.Question, answer string) (good, bad string) {
	if err := q.TestAnswer(answer, kit.Languages(c)...); err != nil {
		return "", kit.ErrorText(c.Printer, err)
	}
	return c.Printer.T("“%s” is accepted.", answer), ""
}

func questionButtons(c *kit.Context, n, of int) []views.Button {
	p := c.Printer
	var all []views.Button
	if n > 1 {
		all = append(all, views.Button{Label: p.T("Move question %d up", n), Name: "move", Value: questionField(n, "up"),
			FormAction: questionAt(c, questionField(n-1, "text"))})
	}
	if n < of {
		all = append(all, views.Button{Label: p.T("Move question %d down", n), Name: "move", Value: questionField(n, "down"),
			FormAction: questionAt(c, questionField(n+1, "text"))})
	}
	return append(all, views.Button{Label: p.T("Remove question %d", n), Name: "drop", Value: questionField(n, ""),
		FormAction: questionAt(c, questionField(max(1, n-1), "text"))})
}

// arrangeQuestions applies the button that was pressed: adds, removes, or moves
// a question.
func arrangeQuestions(typed url.Values) {
	n := questionsTyped(typed)
	switch number, what := questionNamed(typed.Get("move")); {
	case typed.Get("add") == "question" && n < access.MaxQuestions:
		typed.Set(questionField(n+1, "id"), kit.NewFormKey())
		typed.Set(questionField(n+1, "kind"), string(access.ShortText))
		typed.Set(questionField(n+1, "required"), "no")
		typed.Set(questionField(n+1, "several"), "no")
	case what == "up" && number > 1 && number <= n:
		swapQuestions(typed, number, number-1)
	case what == "down" && number >= 1 && number < n:
		swapQuestions(typed, number, number+1)
	}
	if number, _ := questionNamed(typed.Get("drop")); number >= 1 && number <= n {
		for ; number < n; number++ {
			swapQuestions(typed, number, number+1)
		}
		swapQuestions(typed, n, access.MaxQuestions+2) // where none is read
	}
}

// questionNamed parses a name that questionField has made; 0 if it is none.
func questionNamed(field string) (n int, part string) {
	rest, _ := strings.CutPrefix(field, "questions.")
	number, part, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0, ""
	}
	return n, part
}

// swapQuestions exchanges all fields of two questions.
func swapQuestions(typed url.Values, a, b int) {
	from, to := questionField(a, ""), questionField(b, "")
	swapped := url.Values{}
	for name, values := range typed {
		for _, pair := range [][2]string{{from, to}, {to, from}} {
			if part, ok := strings.CutPrefix(name, pair[0]); ok {
				delete(typed, name)
				swapped[pair[1]+part] = values
			}
		}
	}
	for name, values := range swapped {
		typed[name] = values
	}
}
