package workspace

import (
	"slices"
	"strconv"
	"strings"

	"myaccess/internal/access"
)

// policyPath is the path in the file of a field of a policy.
func policyPath(field string) []any {
	group, rest, _ := strings.Cut(field, ".")
	n, rest, _ := strings.Cut(rest, ".")
	at, err := strconv.Atoi(n)
	switch group {
	case "policyName":
		return []any{"displayName"}
	case "policyDescription":
		return []any{"description"}
	case "showApprovers":
		return []any{"approverDetails"}
	case "expiration":
		key := map[string]string{"date": "endDateTime", "days": "durationInDays", "hours": "durationInHours"}[n]
		return []any{"expiration", key}
	case "targets":
		return []any{"specificAllowedTargets"}
	case "enabled":
		return []any{"requestorSettings", "isRequestDisabled"}
	case "justify":
		return []any{"requestApprovalSettings", "isRequestorJustificationRequired"}
	case "stages":
		path := []any{"requestApprovalSettings", "stages"}
		if err == nil {
			path = append(path, at-1)
			path = append(path,
				map[string][]any{"approvers": {"primaryApprovers"}, "days": {"daysBeforeAutomaticDenial"}}[rest]...)
		}
		return path
	case "questions", "question":
		path := []any{"questions"}
		if err == nil {
			path = append(path, at-1)
			path = append(path, map[string][]any{"text": {"text"}, "kind": {"type"}, "pattern": {"regexPattern"},
				"message": {"regexMessage"}, "choices": {"choices"}, "texts": {"localizations"},
				"messages": {"regexMessageLocalizations"}}[rest]...)
		}
		return path
	}
	return []any{group}
}

func (s *scope) policies(at at[Package], p access.Package, c access.Catalog) error {
	all, err := s.read.PoliciesOf(s.ctx, s.tenant.ID, p.ID)
	if err != nil {
		return err
	}
	for _, f := range at.V.Policies {
		if !s.claimName(f.Line, "assignment policy", string(p.ID), f.V.DisplayName) {
			continue
		}
		i := slices.IndexFunc(all, func(o access.Policy) bool { return key(o.Name) == key(f.V.DisplayName) })
		stored := access.Policy{Tenant: s.tenant.ID, Package: p.ID}
		if i >= 0 {
			stored = all[i]
		}
		w, ok, err := s.policy(f, stored)
		if err != nil {
			return err
		}
		if !ok {
			if _, err := s.addFaults(f, policyPath, fitting(w).Check(c)); err != nil {
				return err
			}
			continue
		}
		ed, err := s.editor(f.V.AllowUnusable)
		if err != nil {
			return err
		}
		_, err = save(s.apply, target{f, policyPath, "assignment policy", at.V.DisplayName + ": " + w.Name}, i < 0, stored, w,
			func(w access.Policy) (string, error) {
				w, err := ed.SavePolicy(s.ctx, w)
				return string(w.ID), err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// fitting gives subjects that could not be resolved a kind that fits, so that the other
// rules can be checked.
func fitting(w access.Policy) access.Policy {
	fit := func(all []access.SubjectRef, kind access.SubjectKind) {
		for i := range all {
			all[i].Kind = access.SubjectKind(or(string(all[i].Kind), string(kind)))
		}
	}
	if w.Scope.External() {
		fit(w.Targets, access.SubjectOrganization)
	}
	fit(w.Targets, access.SubjectPerson)
	for _, stage := range w.Stages {
		fit(stage.Approvers, access.SubjectPerson)
	}
	return w
}

// policy is the stored policy with the file's values. ok is false, with a fault, if it
// names something unknown.
func (s *scope) policy(at at[Policy], stored access.Policy) (_ access.Policy, ok bool, err error) {
	f, before, w := at.V, len(s.faults), stored
	w.Name, w.Description, w.Scope = f.DisplayName, f.Description, scopeOf(f.Scope)
	w.Enabled = s.opposite(at, !f.Requestor.Disabled, f.Requestor.Enabled, "isRequestDisabled")
	end, err := expiration(f.Expiration, s.zone)
	if err != nil {
		s.faults.addError(at.lineOf("expiration"), err)
		end = access.Expiration{Kind: access.NoExpiration}
	}
	w.Terms = access.Terms{RequireJustification: f.Approval.Justify, Expiration: end,
		CustomSchedule:        f.Requestor.CustomSchedule,
		SuppressNotifications: f.Silent || f.Notifications != nil && f.Notifications.Silent,
		ShowApprovers:         enum(or(f.ShowApprove, string(access.Inherit)), access.Inherit, access.Yes, access.No)}
	if w.ShowApprovers == access.Inherit && stored.ShowApprovers == "" && stored.ID != "" {
		w.ShowApprovers = ""
	}
	if w.Targets, err = s.subjects(f.Targets); err != nil {
		return w, false, err
	}
	slices.SortFunc(w.Targets, access.SubjectRef.Compare)
	w.Targets = slices.Compact(w.Targets)
	if w.Stages, err = s.stages(at, stored); err != nil {
		return w, false, err
	}
	for _, q := range inSequence(f.Questions) {
		w.Questions = append(w.Questions, question(q.V))
	}
	unknown := func(ref access.SubjectRef) bool { return ref.ID == "" }
	ok = len(s.faults) == before && !slices.ContainsFunc(w.Targets, unknown)
	for _, stage := range w.Stages {
		ok = ok && !slices.ContainsFunc(stage.Approvers, unknown)
	}
	return w, ok, nil
}

// opposite is the value of a setting that Graph has as its opposite: value, or what the
// other key says. Both may not contradict each other.
func (s *scope) opposite(at at[Policy], value bool, other *bool, key string) bool {
	if other == nil {
		return value
	}
	if !value && *other {
		s.faults.add(at.lineOf("requestorSettings", "enableTargetsToSelfAddAccess"),
			"%s and enableTargetsToSelfAddAccess contradict each other.", key)
	}
	return *other
}

// stages are the stages of approval in the file.
func (s *scope) stages(at at[Policy], stored access.Policy) (all []access.Stage, err error) {
	f := at.V.Approval
	if f.Required != nil && *f.Required != (len(f.Stages) > 0) {
		s.faults.add(at.lineOf("requestApprovalSettings", "isApprovalRequiredForAdd"),
			"Set isApprovalRequiredForAdd to true if there are stages, and to false if there are none.")
	}
	for i, st := range f.Stages {
		stage := access.Stage{Days: st.V.Days, RequireReason: st.V.Reason}
		if st.V.Timeout != "" {
			days, err := wholeDays(st.V.Timeout)
			if err == nil && st.V.Days != 0 {
				err = invalid("Use daysBeforeAutomaticDenial or durationBeforeAutomaticDenial, not both.")
			}
			if stage.Days = days; err != nil {
				s.faults.addError(st.lineOf("durationBeforeAutomaticDenial"), err)
				stage.Days = access.MaxStageDays
			}
		} else if stage.Days == 0 {
			stage.Days = access.MaxStageDays
		}
		if stage.Approvers, err = s.subjects(st.V.Approvers); err != nil {
			return nil, err
		}
		stage.Approvers = withoutRepeats(stage.Approvers)
		if i < len(stored.Stages) && slices.Equal(stage.Approvers, withoutRepeats(stored.Stages[i].Approvers)) {
			stage.Approvers = stored.Stages[i].Approvers
		}
		all = append(all, stage)
	}
	return all, nil
}

// withoutRepeats are the subjects, each once, in their order.
func withoutRepeats(all []access.SubjectRef) (out []access.SubjectRef) {
	for _, one := range all {
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

// subjects resolves Subjects. Each that is unknown is a fault.
func (s *scope) subjects(all []at[Subject]) (out []access.SubjectRef, err error) {
	for _, one := range all {
		ref, _, err := s.subject(one.V, one.Line)
		if err != nil {
			return nil, err
		}
		out = append(out, ref)
	}
	return out, nil
}

// subject resolves a Subject. ok is false, with a fault, if it is unknown, empty or
// ambiguous.
func (s *scope) subject(f Subject, line int) (ref access.SubjectRef, ok bool, err error) {
	if f, err = f.named(); err != nil {
		s.faults.addError(line, err)
		return ref, false, nil
	}
	switch {
	case f.User != "" && f.Group == "" && f.Organization == "":
		p, ok, err := s.person(f.User, line)
		return access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}, ok, err
	case f.Group != "" && f.User == "" && f.Organization == "":
		e, ok := s.entries[key(f.Group)]
		if ok = ok && e.IsGroup(); !ok && !s.bad[f.Group] {
			s.faults.add(line, "There's no group or team “%s”.", f.Group)
		}
		return access.SubjectRef{Kind: access.SubjectGroup, ID: string(e.ID)}, ok, nil
	case f.Organization != "" && f.User == "" && f.Group == "":
		o, ok := s.orgs[key(f.Organization)]
		if !ok && !s.bad[f.Organization] {
			s.faults.add(line, "There's no connected organization “%s”.", f.Organization)
		}
		return access.SubjectRef{Kind: access.SubjectOrganization, ID: string(o.ID)}, ok, nil
	}
	s.faults.add(line, "Name exactly one user, group or connectedOrganization.")
	return access.SubjectRef{}, false, nil
}

// inSequence are the questions in the order of their numbers, if they have some.
func inSequence(all []at[Question]) []at[Question] {
	all = slices.Clone(all)
	sortBy(all, func(a, b *at[Question]) int { return a.V.Sequence - b.V.Sequence })
	return all
}

func question(q Question) access.Question {
	w := access.Question{ID: access.QuestionID(q.ID), Kind: questionKind(q), Text: q.Text,
		Localized: access.Localized(q.Localized), Required: q.Required,
		AllowsMultiple: q.Several || q.graphQuestion.Several, Pattern: q.Pattern, PatternMessage: q.PatternMessage,
		PatternLocalized: access.Localized(q.PatternLocalized)}
	for _, c := range q.Choices {
		w.Choices = append(w.Choices, access.Choice{Value: c.Value, Text: c.Text, Localized: access.Localized(c.Localized)})
	}
	return w
}

// questionKind is the type of a question, which Graph has in two places.
func questionKind(q Question) access.QuestionKind {
	switch kind := odataType(q.graphQuestion.Kind); {
	case q.Type != "":
		return enum(q.Type, access.ShortText, access.LongText, access.MultipleChoice)
	case kind == "accesspackagemultiplechoicequestion":
		return access.MultipleChoice
	case kind == "accesspackagetextinputquestion" && q.SingleLine != nil && !*q.SingleLine:
		return access.LongText
	case kind == "accesspackagetextinputquestion":
		return access.ShortText
	default:
		return access.QuestionKind(q.graphQuestion.Kind)
	}
}
