package access_test

import (
	"errors"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
)

// withPatterns is a policy with a question for each pattern, answered with a long text.
func withPatterns(patterns ...string) access.Policy {
	p := policy("p", access.ScopeMembers)
	for i, pattern := range patterns {
		q := textQuestion(access.LongText)
		q.ID, q.Pattern = access.QuestionID(string(rune('A'+i))), pattern
		p.Questions = append(p.Questions, q)
	}
	return p
}

// times repeats a pattern for that many questions.
func times(n int, pattern string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = pattern
	}
	return all
}

// Patterns that people use are accepted; those that compile to a large program, or
// take long to parse, are refused at the question (F-112).
func TestPatternLimits(t *testing.T) {
	for name, tt := range map[string]struct {
		patterns []string
		want     string // the field at fault; empty if accepted
	}{
		"a mail address":          {[]string{`(?i)[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}`}, ""},
		"names":                   {times(50, `[\p{L}\p{M} .'-]{1,100}`)[:8], ""},
		"a sentence in Chinese":   {[]string{`(?i)[a-z一-龥，。]{2,400}`}, ""},
		"1,999 instructions":      {[]string{strings.Repeat("(?:a{498})", 4)}, ""},
		"2,001 instructions":      {[]string{strings.Repeat("(?:a{499})", 4)}, "questions.1.pattern"},
		"C-like comments, twice":  {times(2, `/\*(?:[^*]|\*+[^*/])*\*+/`), ""},
		"forty long repetitions":  {[]string{"x", strings.Repeat(`\pL{0,1000}`, 40)}, "questions.2.pattern"},
		"repetitions in another":  {[]string{`(?:(?:\pL{0,10}){0,10}){0,10}`}, "questions.1.pattern"},
		"many classes in a class": {[]string{"[" + strings.Repeat(`\pL\PL`, 80) + "]"}, ""},
		"ranges that are folded":  {[]string{"(?i)[" + strings.Repeat("C-\U0001E942", 120) + "]"}, "questions.1.pattern"},
		"folded, escaped": {[]string{"(?si:[" + strings.Repeat(`\x{43}-\x{1e942}`, 28) + "])"},
			"questions.1.pattern"},
		"the same without folding": {[]string{"(?s:[" + strings.Repeat(`\x{43}-\x{1e942}`, 28) + "])"}, ""},
		"one of a large program":   {[]string{`.{0,980}`}, ""},
		"several of large programs": {append([]string{"x"}, times(3, `.{0,980}`)...),
			"questions.2.pattern"},
		"fifty costly classes": {times(50, "["+strings.Repeat(`\pL\PL`, 80)+"]"), "questions.1.pattern"},
		"a look ahead":         {[]string{`^(?=.*\d)(?=.*[A-Z]).{6,}$`}, "questions.1.pattern"},
	} {
		t.Run(name, func(t *testing.T) {
			wantFields(t, withPatterns(tt.patterns...).Check(access.Catalog{}), tt.want)
		})
	}
}

// A pattern of more than 2,000 instructions is refused however short the answers are.
func TestPatternInstructions(t *testing.T) {
	for length, want := range map[int]string{498: "", 499: "questions.1.pattern"} {
		p := withPatterns(strings.Repeat("(?:a{"+strconv.Itoa(length)+"})", 4))
		p.Questions[0].Kind = access.ShortText
		wantFields(t, p.Check(access.Catalog{}), want)
	}
}

// The refusals say what to do (C52).
func TestPatternRefusals(t *testing.T) {
	for pattern, want := range map[string]string{
		`^(?=.*\d)(?=.*[A-Z]).{6,}$`: "Question 1: a regular expression cannot look ahead or behind, as in (?=…). Describe " +
			"the answer from its beginning to its end.",
		`(?<!a)b`: "Question 1: a regular expression cannot look ahead or behind, as in (?=…). Describe the answer from " +
			"its beginning to its end.",
		`\pL{0,1000}\pL{0,1000}\pL{0,1000}`: "Question 1: this regular expression is too complex (more than 2000 " +
			"instructions). Use fewer or smaller repetitions.",
	} {
		if err := withPatterns(pattern).Check(access.Catalog{}); err == nil || err.Error() != want {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

// hostilePatterns take seconds or gigabytes if they are compiled, parsed or matched
// without a limit.
func hostilePatterns() map[string][]string {
	return map[string][]string{
		"repetitions": times(50, strings.Repeat(`\pL{0,1000}`, 40)),
		"nested":      times(50, `(?:(?:(?:\pL{0,10}){0,10}){0,10}){0,1}`),
		"classes":     times(50, strings.Repeat(`\pL?`, 120)),
		"in a class":  times(50, "["+strings.Repeat(`\pL\PL`, 80)+"]"),
		"folded":      times(50, "(?i)["+strings.Repeat("C-\U0001E942", 120)+"]"),
		"alternatives": times(50,
			`(?:\p{Lu}|\p{Ll}|\p{Lo}|\p{Lm}|\p{Nd}|\p{Mn}|\p{So}|\p{Po}|\p{Sm}|\p{Nl}|\p{No}|\p{Mc}|\p{Sc}|\p{Pd}){0,60}`),
		"groups":      times(50, strings.Repeat("(", 160)+"a"+strings.Repeat(")?", 160)),
		"ambiguous":   times(50, `(?:(?:(?:a?){1,30}){1,30})*b`),
		"very long":   {strings.Repeat("a?", 1_000_000)},
		"empty loops": times(50, `(?:(?:(?:(?:)*)*)*){1000}`),
	}
}

// Whatever the patterns, checking a policy and checking answers to it, as if it were
// stored already, take a short time and little memory: one request took 87 seconds.
func TestHostilePatterns(t *testing.T) {
	answers := map[access.QuestionID][]string{}
	for i := range 50 {
		answers[access.QuestionID(string(rune('A'+i)))] = []string{strings.Repeat("a", access.MaxLongAnswerLength)}
	}
	for name, patterns := range hostilePatterns() {
		t.Run(name, func(t *testing.T) {
			p := withPatterns(patterns...)
			took, used := measured(func() {
				if err := p.Check(access.Catalog{}); err != nil {
					wantKind(t, err, false, access.Invalid)
				}
				access.RequestForm{Answers: answers}.CheckAnswers(p, asStored)
			})
			t.Logf("%v, %d KB", took, used>>10)
			if took > time.Second || used > 64<<20 {
				t.Errorf("took %v and %d MB", took, used>>20)
			}
		})
	}
}

// measured returns how long f takes and how many bytes it allocates.
func measured(f func()) (took time.Duration, used uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	f()
	took = time.Since(start)
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc
}

// The longest answers to the most costly questions that a policy may have are checked
// within 50 ms. The test allows for a machine that is five times slower.
func TestAnswersWorstCase(t *testing.T) {
	answer := strings.Repeat("𝔄ß", access.MaxLongAnswerLength/2)
	for name, patterns := range map[string][]string{
		"one large program": {`(?:\pL?\PN?){0,380}`},
		"two of classes":    times(2, `(?:\pL?\PN?){0,185}`),
		"nested":            {`(?:(?:\pL?){0,25}){0,25}x?`},
		"many small ones":   times(25, `(?:\pL*\PN*){0,10}x`),
	} {
		t.Run(name, func(t *testing.T) {
			p := withPatterns(patterns...)
			if err := p.Check(access.Catalog{}); err != nil {
				t.Fatal(err)
			}
			ask := access.RequestForm{Answers: map[access.QuestionID][]string{}}
			for _, q := range p.Questions {
				ask.Answers[q.ID] = []string{answer}
			}
			best := time.Hour
			for range 5 {
				took, _ := measured(func() { ask.CheckAnswers(p, asStored) })
				best = min(best, took)
			}
			t.Logf("%v", best)
			if best > slowdown*250*time.Millisecond {
				t.Errorf("took %v", best)
			}
		})
	}
}

// A policy that was stored before patterns had limits is a problem, its requests are
// refused, and answers to its questions too.
func TestStoredPatternOverLimit(t *testing.T) {
	for want, patterns := range map[string][]string{
		"No one can request under this policy: the regular expression of question 2 is invalid or too complex. Change it.": {
			"x", strings.Repeat(`\pL{0,1000}`, 40)},
		"No one can request under this policy: the regular expression of question 1 is invalid or too complex. Change " +
			"it.": times(
			3, `.{0,980}`),
	} {
		p := withPatterns(patterns...)
		if err := access.PatternProblem(p.Questions); !hasMessage(err, want) {
			t.Errorf("got %v, want %s", err, want)
		}
		ask := access.RequestForm{Answers: map[access.QuestionID][]string{}}
		for _, q := range p.Questions {
			ask.Answers[q.ID] = []string{"x"}
		}
		_, err := offer(p).NewRequest(people()["member"], ask.CheckAnswers(p, asStored), noon)
		if want := "Your answers cannot be checked, because a regular expression of this policy is invalid or too " +
			"complex. Ask an administrator to change it."; err == nil || err.Error() != want {
			t.Errorf("got %v", err)
		}
		wantFields(t, err, "policy")
	}
	within := withPatterns("x")
	if err := access.PatternProblem(within.Questions); err != nil {
		t.Error(err)
	}
}

// A request uses answers that were checked to exactly the questions of its policy,
// and no others.
func TestUncheckedAnswers(t *testing.T) {
	p := withPatterns("[a-z]+")
	ask := access.RequestForm{Answers: map[access.QuestionID][]string{"A": {"abc"}}}
	stricter, other := withPatterns("[a-b]+"), p
	other.ID = "other"
	for name, checked := range map[string]access.RequestForm{
		"never checked": ask, "other questions": ask.CheckAnswers(stricter, asStored),
		"another policy": ask.CheckAnswers(other, asStored),
	} {
		_, err := offer(p).NewRequest(people()["member"], checked, noon)
		if unchecked, ok := errors.AsType[*access.UncheckedAnswers](err); !ok || unchecked.Policy.ID != p.ID {
			t.Errorf("%s: %v", name, err)
		}
		_, err = offer(p).NewAssignmentRequest(people()["member"],
			access.AssignmentForm{RequestForm: func() access.RequestForm {
				c := checked
				c.Policy = p.ID
				return c
			}()}, noon)
		if _, ok := errors.AsType[*access.UncheckedAnswers](err); !ok {
			t.Errorf("%s, assigned: %v", name, err)
		}
	}
	r, err := offer(p).NewRequest(people()["member"], ask.CheckAnswers(stricter, asStored).CheckAnswers(p, asStored), noon)
	if err != nil || len(r.Answers) != 1 || r.Answers[0].Values[0] != "abc" {
		t.Errorf("%+v, %v", r.Answers, err)
	}
	_, err = offer(stricter).NewRequest(people()["member"], ask.CheckAnswers(stricter, asStored), noon)
	wantFields(t, err, "answer.A")
}
