package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/views/ui"
)

// sendCode sends a one-time passcode to the address typed in, and brings the
// browser to the page that asks for it. NotFound if people of the address's
// domain do not sign in with codes here.
func (v *visit) sendCode(address, to string) error {
	if wait := v.starts.wait(v.RealIP()); wait > 0 {
		v.Response().Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		return access.Refuse(access.TooManyRequests, "You have begun to sign in very often. Wait a moment and try again.")
	}
	started := signin.Started{State: signin.NewToken(), Binding: signin.NewToken()}
	err := v.Lifecycle.Passcodes.Send(v.ctx, lifecycle.PasscodeRequest{Tenant: v.tenant.ID, Address: address,
		Key:     signin.HashToken(started.State),
		Binding: signin.HashToken(started.Binding), Target: orHome(v, to)})
	if err != nil {
		return err
	}
	v.cookies.Bind(v.Response(), v.Request(), started)
	return v.Redirect(http.StatusSeeOther, v.home+"/sign-in/code?"+url.Values{"attempt": {started.State}}.Encode())
}

// showCode asks for the code that was sent.
func showCode(v *visit) error { return v.askCode(http.StatusOK, v.QueryParam("attempt"), "", "") }

func (v *visit) askCode(status int, attempt, typed, fault string) error {
	p := v.printer
	page := views.Passcode{Chrome: v.chrome(p.T("Enter the code")), Action: v.home + "/sign-in/code",
		Attempt: limitText(attempt, 64), ResendAction: v.home + "/sign-in",
		Field: ui.Field{Name: "code", Label: p.T("Code"), Type: "text", MaxLength: 20, Required: true, Autocomplete: "one-time-code",
			Value: typed, Error: fault,
			Hint: p.T("%d digits. They are valid for %d minutes, in this browser.", access.PasscodeDigits,
				int(access.PasscodeLifetime.Minutes()))}}
	return v.show(status, page.Page())
}

// postCode signs somebody in who typed the right code.
func postCode(v *visit) error {
	attempt, typed := v.form("attempt"), limitText(v.form("code"), 20)
	binding := v.cookies.Binding(v.Request(), attempt)
	id, t, target, err := v.Lifecycle.Passcodes.Redeem(v.ctx, signin.HashToken(attempt), signin.HashToken(binding),
		strings.TrimSpace(typed))
	switch {
	case access.KindOf(err) == access.Invalid && err != nil:
		return v.askCode(http.StatusUnprocessableEntity, attempt, typed, sentence(v.printer, err))
	case access.KindOf(err) == access.NotFound && err != nil:
		return v.attemptOver(access.SignInAttempt{ReturnTo: v.home + "/sign-in"},
			access.Invalidf("code", "This code was asked for in another browser, is too old, or was typed wrong too often. "+
				"Ask for a new one."))
	case err != nil:
		return err
	}
	v.cookies.Unbind(v.Response(), attempt)
	return v.signIn(access.SignInAttempt{Tenant: t, ReturnTo: target}, signin.Finished{Identity: id})
}
