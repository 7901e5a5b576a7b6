package web

import (
	"context"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// asked are the typed values of questions. Each is Why?, with the id q and
// answered with a short text, but for the parts given.
func asked(questions ...map[string]string) url.Values {
	typed := url.Values{}
	for i, parts := range questions {
		all := map[string]string{"id": "q", "kind": "shortText", "text": "Why?", "required": "no", "several": "no"}
		maps.Copy(all, parts)
		for part, value := range all {
			typed.Set("questions."+strconv.Itoa(i+1)+"."+part, value)
		}
	}
	return typed
}

func questionRefusals() map[string]parityCase {
	long := strings.Repeat("x", access.MaxDescriptionLength+1)
	type parts = map[string]string
	const questions = forMembers + "  questions:\n"
	const why = "    - {id: q, type: shortText, text: \"Why?\"}\n"
	const block = "    - id: q\n      text: Why?\n      type: "
	asks := func(text string, all ...parts) parityCase { return policyCase(questions+text, asked(all...)) }
	choice := func(lines string) parts { return parts{"kind": "multipleChoice", "choices": lines} }
	longValue := strings.Repeat("x", access.MaxShortAnswerLength+1)
	all := map[string]parityCase{
		"two questions with one id": asks(why+"    - {id: q, type: shortText, text: \"When?\"} #!", parts{},
			parts{"text": "When?"}),
		"a question without a text": asks("    - id: q\n      type: shortText\n      text: ' ' #!", parts{"text": " "}),
		"a question with a long text": asks("    - id: q\n      type: shortText\n      text: "+long+" #!",
			parts{"text": long}),
		"a kind of question that is none": asks(block+"poem #!", parts{"kind": "poem"}),
		"a choice of nothing":             asks("    - id: q #!\n      type: multipleChoice\n      text: Why?", choice("")),
		"a choice twice": asks(block+"multipleChoice\n"+
			"      choices: [{actualValue: a, text: A}, {actualValue: a, text: B}] #!", choice("a | A\na | B")),
		"a choice with a long value": asks(block+"multipleChoice\n      choices: [{actualValue: "+longValue+", text: A}] #!",
			choice(longValue+" | A")),
		"a choice with a language that is none": asks(block+"multipleChoice\n"+
			"      choices: [{actualValue: a, text: A, localizations: {\"no language\": B}}] #!",
			choice("a | A | no language: B")),
		"a pattern that is none": asks(block+"shortText\n      regexPattern: '(' #!", parts{"pattern": "("}),
		"a pattern that only works alone": asks(block+"shortText\n      regexPattern: '\\Q' #!",
			parts{"pattern": `\Q`}),
		"a pattern that looks ahead": asks(block+"shortText\n      regexPattern: '(?=a)b' #!", parts{"pattern": "(?=a)b"}),
		"a pattern with long repetitions": asks(block+"shortText\n      regexPattern: '"+strings.Repeat(`\pL{0,1000}`, 40)+
			"' #!", parts{"pattern": strings.Repeat(`\pL{0,1000}`, 40)}),
		"patterns that take long together": asks(
			"    - {id: a, text: Why, type: longText, regexPattern: '.{0,980}'} #!\n"+
				"    - {id: b, text: Why, type: longText, regexPattern: '.{0,980}'}\n"+
				"    - {id: c, text: Why, type: longText, regexPattern: '.{0,980}'}",
			parts{"id": "a", "kind": "longText", "pattern": ".{0,980}"},
			parts{"id": "b", "kind": "longText", "pattern": ".{0,980}"},
			parts{"id": "c", "kind": "longText", "pattern": ".{0,980}"}),
		"a long sentence for a pattern": asks(block+"shortText\n      regexPattern: a\n      regexMessage: "+long+" #!",
			parts{"pattern": "a", "message": long}),
		"a language of a text that is none": asks(block+"shortText\n      localizations: {\"no language\": Warum} #!",
			parts{"texts": "no language: Warum"}),
		"a long text in another language": asks(block+"shortText\n      localizations: {de: "+long+"} #!",
			parts{"texts": "de: " + long}),
		"a language of a sentence that is none": asks(block+"shortText\n      regexPattern: a\n"+
			"      regexMessageLocalizations: {\"no language\": Warum} #!",
			parts{"pattern": "a", "messages": "no language: Warum"}),
	}
	// otherKind are questions with parts that their kind does not have.
	otherKind := func(text string, q access.Question) parityCase {
		return parityCase{file: policyInFile(questions + text),
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				p := a.policy(access.ScopeMembers)
				p.Questions = []access.Question{q}
				return a.savePolicy(ctx, ed, p)
			},
			noForm: "the form drops what the kind of the question does not have"}
	}
	all["a text with choices"] = otherKind(block+"shortText #!\n      choices: [{actualValue: a, text: A}]",
		access.Question{ID: "q", Text: "Why?", Kind: access.ShortText, Choices: []access.Choice{{Value: "a", Text: "A"}}})
	all["a choice with a pattern"] = otherKind(block+"multipleChoice\n      choices: [{actualValue: a, text: A}]\n"+
		"      regexPattern: a #!", access.Question{ID: "q", Text: "Why?", Kind: access.MultipleChoice, Pattern: "a",
		Choices: []access.Choice{{Value: "a", Text: "A"}}})
	return all
}
