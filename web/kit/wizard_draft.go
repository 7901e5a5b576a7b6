package kit

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/views"
)

// The steps of a wizard have addresses, so that a browser can go back to them and load
// them again: {path}?draft={key}&step={name}, and {path}?new={key} for the first one before
// anything is saved. What was typed is a draft of the account (access.FormDraft), which
// each step saves before it redirects to the next one. The draft of a finished wizard has
// the address of what was made, so that going back and submitting again makes nothing
// twice.

// Names of values of a form or a draft that no step has. Those of access.FormDraft come
// in addition.
const (
	wizardKey  = "wizard"  // the path of the wizard that the draft is of
	leftKey    = "left"    // the step that could not be left because of its faults
	pageKey    = "page"    // id of the page, a dot, and the save of the step that it shows
	unsavedKey = "unsaved" // "yes" if the form has the values of all steps, not the draft
	refusedKey = "refused" // why finishing was refused (keptFaults)
	staleKey   = "stale"   // "yes" if the step was saved by another page (refuseStale)
	sealedKey  = "sealed"  // the client secret (Context.sealSecret)
)

// savedKey is the name of the page that has saved the step last.
func savedKey(step string) string { return access.FormSaved + "." + step }

// isTransient reports whether a value belongs to one submission of a step only.
func isTransient(name string) bool {
	return strings.HasPrefix(name, "q.") || slices.Contains([]string{"add", "drop", "move", "try", "find", "go", "finish",
		leftKey, wizardKey, pageKey, unsavedKey, refusedKey, staleKey, access.FormFinished}, name)
}

// isHidden reports whether a value travels in hidden fields of the other steps.
func isHidden(name string) bool {
	return !isTransient(name) && name != access.FormSaved && !strings.HasPrefix(name, savedKey(""))
}

// stepURL is the address of a step.
func (w Wizard) stepURL(key, step string) string {
	return w.Path + "?" + url.Values{"draft": {key}, "step": {step}}.Encode()
}

// lastStep is the step with the summary.
func (w Wizard) lastStep() WizardStep { return w.Steps[len(w.Steps)-1] }

// stored is the draft with the key; nil if there is none that the reader can use here.
func (w Wizard) stored(c *Context, key string) (url.Values, error) {
	if key == "" {
		return nil, nil
	}
	d, err := c.Lifecycle.SignIns.Draft(c.Ctx, signin.HashToken(key), c.Account.ID, c.Now)
	switch {
	case err != nil && access.KindOf(err) == access.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	path := url.Values(d.Form).Get(wizardKey)
	if d.Tenant != c.Tenant.ID || path != "" && path != w.Path {
		return nil, nil
	}
	return d.Form, nil
}

// draft is the draft with the key and the values.
func (w Wizard) draft(c *Context, key string, values url.Values) access.FormDraft {
	form := map[string][]string{}
	for name, all := range values {
		for _, value := range all {
			form[storable(name)] = append(form[storable(name)], storable(value))
		}
	}
	form[wizardKey] = []string{w.Path}
	return access.FormDraft{Key: signin.HashToken(key), Tenant: c.Tenant.ID, Account: c.Account.ID, Form: form}
}

// save saves what was typed in the step as a draft, under its key or under a new one if
// that is used elsewhere, and sets the key in typed. base is the stored draft. It returns
// Conflict if that has been saved in between.
func (w Wizard) save(c *Context, base, typed url.Values, step WizardStep) error {
	page, _ := pageIDs(c.FormText(pageKey))
	page = cmp.Or(page, NewFormKey())
	for _, name := range []string{access.FormSaved, savedKey(step.Name), savedKey(w.lastStep().Name)} {
		typed.Set(name, page)
	}
	typed.Set(access.FormSaved, NewFormKey())
	key := cmp.Or(typed.Get("draft"), NewFormKey())
	typed.Del("draft")
	typed.Del(unsavedKey)
	err := c.Lifecycle.SignIns.ReplaceDraft(c.Ctx, w.draft(c, key, typed), base.Get(access.FormSaved))
	if kind := access.KindOf(err); err != nil && (kind == access.NotFound || kind == access.Conflict && base == nil) {
		key = NewFormKey()
		err = c.Lifecycle.SignIns.ReplaceDraft(c.Ctx, w.draft(c, key, typed), "")
	}
	typed.Set("draft", key)
	return err
}

// pageIDs are the id of a page and the save of the step that it shows, as the page sent
// them.
func pageIDs(sent string) (page, base string) {
	page, base, _ = strings.Cut(sent, ".")
	return page, base
}

// isStale reports whether the step was saved by another page since the page that was
// submitted has shown it.
func isStale(c *Context, stored url.Values, step WizardStep) bool {
	page, base := pageIDs(c.FormText(pageKey))
	now := stored.Get(savedKey(step.Name))
	return page != "" && now != "" && now != page && now != base && c.FormText(unsavedKey) == ""
}

// sameStep reports whether both have the same values of the step, the client secret among
// them.
func sameStep(c *Context, a, b url.Values, step WizardStep) bool {
	return step.Owns == nil || maps.EqualFunc(ownValues(a, step), ownValues(b, step), slices.Equal) &&
		(!step.Owns(SecretField) || sameSecret(c, a, b))
}

// sameSecret reports whether both have the same client secret. Encrypting it twice gives
// different texts.
func sameSecret(c *Context, a, b url.Values) bool {
	return c.Unseal(a.Get(sealedKey)) == c.Unseal(b.Get(sealedKey))
}

// secretDifference says that the client secrets differ, without showing either, if one of
// the groups asks for it.
func secretDifference(c *Context, stored, typed url.Values, groups []views.Group) []views.FieldConflict {
	if sameSecret(c, stored, typed) {
		return nil
	}
	shown := func(values url.Values) string {
		if c.Unseal(values.Get(sealedKey)) == "" {
			return ""
		}
		return c.Printer.T("Entered, not shown")
	}
	for _, g := range groups {
		for _, part := range g.Parts {
			if name, label := partName(part); name == SecretField {
				return []views.FieldConflict{{Label: label, Stored: shown(stored), Typed: shown(typed)}}
			}
		}
	}
	return nil
}

// ownValues are the values of the step that are not empty.
func ownValues(typed url.Values, step WizardStep) url.Values {
	own := url.Values{}
	for name, values := range typed {
		if step.Owns(name) && !isTransient(name) && strings.Join(values, "") != "" {
			own[name] = values
		}
	}
	return own
}

// merged is what was typed in the step, with the values of the other steps from the
// draft: the page of the step can be older than they are.
func (w Wizard) merged(c *Context, stored, typed url.Values, step WizardStep) url.Values {
	all := maps.Clone(typed)
	for name, values := range stored {
		own := step.Owns != nil && (step.Owns(name) || name == sealedKey && step.Owns(SecretField) && typed.Has(sealedKey))
		if typed.Get(unsavedKey) == "" && !own && !isTransient(name) || strings.HasPrefix(name, savedKey("")) {
			all[name] = values
		}
	}
	dropForeignSecret(c, all)
	return all
}

// dropForeignSecret removes a client secret that was typed in another session: only that
// session can decrypt it, so it must be typed again.
func dropForeignSecret(c *Context, typed url.Values) {
	if typed.Has(sealedKey) && c.Unseal(typed.Get(sealedKey)) == "" {
		typed.Del(sealedKey)
	}
}

// start answers with the first step of a new draft, or of the one that was begun at the
// address, and redirects to that address if it has no key yet.
func (w Wizard) start(c *Context) error {
	key := c.QueryParam("new")
	if key == "" {
		q := c.QueryParams()
		q.Set("new", NewFormKey())
		return c.Redirect(http.StatusSeeOther, w.Path+"?"+q.Encode())
	}
	stored, err := w.stored(c, key)
	if err != nil {
		return err
	}
	if stored == nil {
		typed := maps.Clone(w.Initial)
		if typed == nil {
			typed = url.Values{}
		}
		typed.Set("draft", key)
		return w.render(c, stepPage{typed: typed})
	}
	return w.showStored(c, key, stored, w.Steps[0].Name)
}

// showDraft answers with the step that the address names.
func (w Wizard) showDraft(c *Context, key string) error {
	stored, err := w.stored(c, key)
	if err != nil {
		return err
	}
	switch {
	case stored == nil:
		return w.ended(c)
	case !stored.Has(wizardKey):
		return w.resume(c, key, stored)
	}
	return w.showStored(c, key, stored, cmp.Or(c.QueryParam("step"), stored.Get("at")))
}

// showStored answers with the step of a draft, or with the first step before it that is
// not complete, unless the last one has been shown.
func (w Wizard) showStored(c *Context, key string, stored url.Values, at string) error {
	if stored.Has(access.FormFinished) {
		return w.alreadyMade(c, stored.Get(access.FormFinished))
	}
	typed := maps.Clone(stored)
	dropForeignSecret(c, typed)
	i := w.stepIndex(at)
	if refused := typed[refusedKey]; len(refused) > 0 && i+1 == len(w.Steps) {
		typed.Set("draft", key)
		return w.render(c, refusedPage(c, typed, w.Steps[i].Name, refused))
	}
	if typed.Get("seen") != "yes" && i > 0 {
		i = w.firstIncomplete(c, typed, 0, i)
	}
	step := w.Steps[i]
	var faults error
	if typed.Get(leftKey) == step.Name {
		faults = w.leavingFaults(c, typed, step)
	}
	c.Request().PostForm = url.Values{"find": typed["find"]} // the search whose results are shown
	typed.Set("draft", key)
	return w.render(c, stepPage{typed: typed, at: step.Name, err: faults})
}

// resume answers with the step whose session had ended. key is that of the draft which
// was saved then. The wizard goes on with its own draft.
func (w Wizard) resume(c *Context, key string, typed url.Values) error {
	own := cmp.Or(typed.Get("draft"), key)
	stored, err := w.stored(c, own)
	if err != nil {
		return err
	}
	if stored.Has(access.FormFinished) {
		return w.alreadyMade(c, stored.Get(access.FormFinished))
	}
	step := w.Steps[w.stepIndex(typed.Get("at"))]
	page, base := pageIDs(typed.Get(pageKey))
	if typed.Has(staleKey) {
		return w.render(c, stalePage(c, stored, w.merged(c, stored, typed, step), step))
	}
	all := w.merged(c, stored, typed, step)
	if now := all.Get(savedKey(step.Name)); now != page {
		all.Set(savedKey(step.Name), base)
	}
	all.Set("draft", own)
	return w.render(c, stepPage{typed: all, at: step.Name, notices: []views.Notice{{Kind: "info",
		Text: c.Printer.T("Your session had ended. We restored what you entered.")}}})
}

// refuseStale keeps what was typed in a step that another page has saved since, as a draft
// of its own, and redirects to it. If it cannot be kept, it answers with the step at once.
func (w Wizard) refuseStale(c *Context, stored, typed url.Values, from WizardStep) error {
	key := NewFormKey()
	typed.Set(staleKey, "yes")
	typed.Set("at", from.Name)
	d := w.draft(c, key, typed)
	delete(d.Form, wizardKey) // resume shows it
	if err := c.Lifecycle.SignIns.SaveDraft(c.Ctx, d); err != nil {
		c.LogFault(err)
		page := stalePage(c, stored, typed, from)
		page.saved = true
		return w.render(c, page)
	}
	return c.Redirect(http.StatusSeeOther, w.stepURL(key, from.Name))
}

// stalePage is a step that another page has saved since, with both texts if they still
// differ. Submitting it replaces what it shows.
func stalePage(c *Context, stored, typed url.Values, step WizardStep) stepPage {
	page := stepPage{typed: typed, at: step.Name}
	if stored != nil && !sameStep(c, stored, typed, step) {
		page.status, page.theirs = http.StatusConflict, stored
	}
	return page
}

// maxSaves is the maximum number of attempts to save a step while other pages save the same
// draft.
const maxSaves = 3

// showAt saves what was typed in a step and redirects to the step with the name to. If it
// is too long to be saved, it answers with that step at once; if it cannot be saved now,
// with the step in which it was typed. These answers have no address, because nothing is
// stored that one could show: without scripts, going back to them or loading them again
// makes the browser ask to send the form again, which is harmless.
func (w Wizard) showAt(c *Context, stored, typed url.Values, from WizardStep, to string, attempts int) error {
	typed.Set("at", to)
	left := typed.Get(leftKey)
	for name := range typed {
		if isTransient(name) && name != leftKey && !strings.HasPrefix(name, "q.") {
			typed.Del(name)
		}
	}
	if c.Searching() {
		typed.Set("find", c.FormText("find"))
	}
	if to == w.lastStep().Name {
		typed.Set("seen", "yes")
	}
	err := w.save(c, stored, typed, from)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, w.stepURL(typed.Get("draft"), to))
	}
	conflict := access.KindOf(err) == access.Conflict
	if conflict && attempts > 1 {
		return w.showStep(c, attempts-1)
	}
	page := stepPage{typed: typed, at: to, unsaved: !conflict}
	if !isTooLong(err) {
		page.at, page.status = from.Name, http.StatusServiceUnavailable
	}
	if conflict { // the next attempt compares with the save that this page began with
		_, base := pageIDs(c.FormText(pageKey))
		typed.Set(savedKey(from.Name), base)
	}
	notice, err := w.unsavedNotice(c, err)
	if err != nil {
		return err
	}
	page.notices = []views.Notice{notice}
	if left == page.at {
		page.err = w.leavingFaults(c, typed, from)
	}
	return w.render(c, page)
}

// Admin returns the use cases with which the wizard makes what it is for, once for its
// draft.
func (w Wizard) Admin(c *Context) *admin.Admin {
	key := c.FormText("draft")
	if key == "" {
		return c.Admin
	}
	return c.Admin.Finishing(w.draft(c, key, url.Values{access.FormFinished: {w.Cancel}}))
}

// Done redirects to what the finished wizard has made, as Context.Done, and keeps its
// address in the draft.
func (w Wizard) Done(c *Context, path, what string) error {
	if key := c.FormText("draft"); key != "" {
		err := c.Lifecycle.SignIns.ReplaceDraft(c.Ctx, w.draft(c, key, url.Values{access.FormFinished: {path}}), "")
		if err != nil && !store.IsStorageError(err) { // the draft has the address of the list
			c.LogFault(err)
		}
	}
	return c.Done(path, what)
}

// alreadyMade says that the wizard was finished, with links to what it made and to a new
// start.
func (w Wizard) alreadyMade(c *Context, path string) error {
	p := c.Printer
	page := views.ErrorPage{Chrome: c.Chrome(w.Title), Text: []string{p.T("You've already submitted this form. Nothing " +
		"was created twice.")},
		Links: []views.Link{{Label: p.T("Open result"), Href: path, Primary: true},
			{Label: p.T("Start again"), Href: w.Path}}}
	return c.Show(http.StatusOK, page.Page())
}

// ended says that the draft of the address does not exist for the reader.
func (w Wizard) ended(c *Context) error {
	p := c.Printer
	page := views.ErrorPage{Chrome: c.Chrome(w.Title), Text: []string{
		p.T("This draft can't be opened. It belongs to another account, is more than a day old, or was replaced by newer "+
			"drafts. Only the last %d are kept.", access.MaxDraftsPerAccount)},
		Links: []views.Link{{Label: p.T("Start again"), Href: w.Path, Primary: true},
			{Label: p.T("Cancel"), Href: w.Cancel}}}
	return c.Show(http.StatusNotFound, page.Page())
}
