// Package access holds the rules of entitlement management: who may ask for
// what, whose approval it takes, what is granted, when it ends, and what
// happens to a guest whose last assignment has ended.
//
// Everything here is a value or a function of values. Nothing reads a clock, a
// database, a request or a configuration file: the current time, the actor and
// the records arrive as arguments and the result is returned. So the rules can
// be read and tested on their own.
//
// There is one file per noun, its test beside it:
//
//   - organizations: tenant.go, settings.go, organization.go (connected ones),
//     directory.go (how people sign in), domain.go;
//   - people: person.go, guest.go, person_context.go (a person as policies see
//     them), role.go, rights.go (what roles allow), action.go (the matrix);
//   - signing in: account.go, signin_attempt.go, passcode.go, session.go,
//     form_draft.go, setup_link.go;
//   - targets: target.go, resource.go, entry.go (of the built-in directory);
//   - what is offered: catalog.go, package.go, policy.go and its parts scope.go,
//     audience.go, subject.go, terms.go, stage.go, expiration.go, question.go,
//     answer.go, localized.go; policy_advice.go (what keeps a policy from
//     working);
//   - requesting: offer.go, eligibility.go, existing_access.go, request_form.go,
//     request.go, decision.go;
//   - what is granted: assignment.go, grant.go;
//   - for all of them: errors.go, ids.go, text.go (limits of input), audit.go.
//
// Stored states have a table of legal moves in the file of their noun; states.md
// draws them. Verdicts, such as what decisions amount to or whether access is in
// force, are never stored. Numbers such as F-093 or I-5 are those of the
// rows of internal/behaviour.md, which say what the product does.
//
// The package imports the standard library only.
package access
