package web

import (
	"net/url"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
)

// questionField is the field of a part of the question with the number n, from
// 1; without a part, what the fields of the question begin with.
func questionField(n int, part string) string { return "questions." + strconv.Itoa(n) + "." + part }

// questionsTyped is how many questions a form has.
func questionsTyped(typed url.Values) int {
	n := 0
	for n <= access.MaxQuestions && typed.Has(questionField(n+1, "id")) {
		n++
	}
	return n
}

// policyQuestions are the fields of what requestors are asked, a group for each
// question. The form that shows them arranges them with arrangeQuestions.
func (v *visit) policyQuestions(typed url.Values, faults map[string]string) []views.Group {
	p := v.printer
	n := questionsTyped(typed)
	groups := []views.Group{{Title: p.T("Questions"),
		Text: p.T("Requestors answer them in this order; approvers read the answers. Requests under way keep the questions " +
			"that they were made with.")}}
	for i := 1; i <= n; i++ {
		groups = append(groups, v.policyQuestion(i, n, typed, faults))
	}
	last := &groups[0]
	if n > 0 {
		groups = append(groups, views.Group{})
		last = &groups[n+1]
	}
	if n < access.MaxQuestions {
		last.Buttons = []views.Button{{Label: p.T("Add a question"), Name: "add", Value: "question",
			FormAction: v.at(questionField(n+1, "text"))}}
	}
	return groups
}

// at is the page of the form that was sent, at one of its fields.
func (v *visit) at(field string) string { return v.Request().URL.Path + "#f-" + field }

func (v *visit) policyQuestion(n, of int, typed url.Values, faults map[string]string) views.Group {
	p := v.printer
	name := func(part string) string { return questionField(n, part) }
	field := func(part string, f ui.Field) views.Part {
		f.Name = name(part)
		return text(typed, faults, f)
	}
	choices := views.VisibleWhen{Field: name("kind"), Values: string(access.MultipleChoice)}
	g := views.Group{Title: p.T("Question %d", n), Parts: []views.Part{
		{Hidden: []views.Hidden{{Name: name("id"), Value: typed.Get(name("id"))}}},
		field("text", ui.Field{Label: p.T("Text of question %d", n), MaxLength: access.MaxDescriptionLength, Required: true}),
		field("texts", ui.Field{Label: p.T("Text of question %d in other languages", n), Type: "area",
			Hint: translationsHint(v, "Warum brauchen Sie das?")}),
		choice(typed, faults, ui.Options{Name: name("kind"), Label: p.T("Answer format of question %d", n), Required: true,
			Options: []ui.Option{
				{Value: string(access.ShortText), Label: p.T("Short text")}, {Value: string(access.LongText),
					Label: p.T("Long text")},
				{Value: string(access.MultipleChoice), Label: p.T("Multiple choice")}}}),
		v.yesNo(typed, faults, name("required"), p.T("Question %d must be answered", n), ""),
		when(choices, field("choices", ui.Field{Label: p.T("Choices of question %d", n), Type: "area", Required: true,
			Hint: p.T("One choice on each line: the value to store, a bar, the text to show and, if wanted, the text in other " +
				"languages, such as “eu | Europe | de: Europa | fr: Europe”. One text alone is both value and text.")})),
		when(choices, v.yesNo(typed, faults, name("several"), p.T("Several choices can be made in question %d", n), "")),
	}, Buttons: v.questionButtons(n, of)}
	g.Parts = append(g.Parts, v.patternParts(n, typed, faults)...)
	return g
}

func translationsHint(v *visit, example string) string {
	return v.printer.T("One language on each line: its code, a colon and the text, such as “de: %s”.", example)
}

// when is the part, of use only as w says.
func when(w views.VisibleWhen, part views.Part) views.Part {
	part.VisibleWhen = w
	return part
}

// patternParts are the fields of the form that a text answer must have, with one
// to try it.
func (v *visit) patternParts(n int, typed url.Values, faults map[string]string) []views.Part {
	p := v.printer
	texts := views.VisibleWhen{Field: questionField(n, "kind"), Values: string(access.ShortText) + " " + string(access.LongText)}
	field := func(part string, f ui.Field) views.Part {
		f.Name = questionField(n, part)
		return when(texts, text(typed, faults, f))
	}
	try := field("try", ui.Field{Label: p.T("Try an answer to question %d", n), MaxLength: access.MaxLongAnswerLength,
		Hint: p.T("It is not stored.")})
	try.Buttons = []views.Button{{Label: p.T("Try it on question %d", n), Name: "try", Value: questionField(n, "try"),
		FormAction: v.at(questionField(n, "try"))}}
	if try.Field.Value != "" {
		try.Field.Hint, try.Field.Error = v.tried(readQuestion(n, typed, access.Question{}, &access.Errors{}),
			try.Field.Value)
	}
	return []views.Part{
		field("pattern", ui.Field{Label: p.T("Regular expression for question %d", n), MaxLength: access.MaxPatternLength,
			Hint: p.T("The whole answer must match it (RE2 syntax), such as [A-Z]{2}-[0-9]+. Empty if every answer will do.")}),
		field("message", ui.Field{Label: p.T("What to say if an answer to question %d does not match", n),
			MaxLength: access.MaxDescriptionLength}),
		field("messages", ui.Field{Label: p.T("The same in other languages, for question %d", n), Type: "area",
			Hint: translationsHint(v, "So wie AB-12.")}),
		try,
	}
}

// tried says what comes of an answer to the question.
func (v *visit) tried(q access.Question, answer string) (good, bad string) {
	if err := q.TestAnswer(answer, v.languages()...); err != nil {
		return "", sentence(v.printer, err)
	}
	return v.printer.T("“%s” is accepted as an answer.", answer), ""
}

func (v *visit) questionButtons(n, of int) []views.Button {
	p := v.printer
	var all []views.Button
	if n > 1 {
		all = append(all, views.Button{Label: p.T("Move question %d up", n), Name: "move", Value: questionField(n, "up"),
			FormAction: v.at(questionField(n-1, "text"))})
	}
	if n < of {
		all = append(all, views.Button{Label: p.T("Move question %d down", n), Name: "move", Value: questionField(n, "down"),
			FormAction: v.at(questionField(n+1, "text"))})
	}
	return append(all, views.Button{Label: p.T("Remove question %d", n), Name: "drop", Value: questionField(n, ""),
		FormAction: v.at(questionField(max(1, n-1), "text"))})
}

// arrangeQuestions does to the typed questions what the button asks that the
// form was sent by: adds one, drops one, or moves one up or down.
func arrangeQuestions(typed url.Values) {
	n := questionsTyped(typed)
	switch number, what := questionNamed(typed.Get("move")); {
	case typed.Get("add") == "question" && n < access.MaxQuestions:
		typed.Set(questionField(n+1, "id"), newKey())
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

// questionNamed takes a value of questionField apart; 0 if it is none.
func questionNamed(field string) (n int, part string) {
	rest, _ := strings.CutPrefix(field, "questions.")
	number, part, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0, ""
	}
	return n, part
}

// swapQuestions exchanges everything typed into two questions.
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
