package signin

import (
	"context"
	"errors"
	"regexp"

	"myaccess/internal/access"
)

// entra is the start of the addresses of Microsoft Entra ID. Its discovery document
// for a domain has the issuer of the domain's tenant.
const entra = "https://login.microsoftonline.com/"

// FindEntraTenant asks Microsoft Entra ID for the issuer and the tenant id of a
// domain. NotFound if it has no such domain, Unavailable if it does not respond.
// A response with an issuer in any other form counts as NotFound.
func (s *SignIn) FindEntraTenant(ctx context.Context, d access.Domain) (issuer, tenant string, err error) {
	var m metadata
	err = getJSON(ctx, s.client, entra+string(d)+"/v2.0/.well-known/openid-configuration", "", &m)
	if status, ok := errors.AsType[errStatus](err); ok && status.code/100 == 4 {
		return "", "", access.Refuse(access.NotFound, "Entra ID has no organization with the domain %s.", string(d))
	}
	if err != nil {
		return "", "", errors.Join(access.Refuse(access.Unavailable, "Entra ID isn't responding. Try again later."), err)
	}
	found := regexp.MustCompile(`^` + regexp.QuoteMeta(entra) +
		`([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/v2\.0$`).FindStringSubmatch(m.Issuer)
	if found == nil {
		return "", "", access.Refuse(access.NotFound, "Entra ID has no organization with the domain %s.", string(d))
	}
	return m.Issuer, found[1], nil
}
