package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"myaccess/internal/access"
)

const auditCols = `aud.tenant_id, aud.id, aud.at, aud.actor_id, aud.on_behalf, aud.activity, aud.object_kind, aud.object_id,
	aud.from_text, aud.to_text, aud.reason, aud.request_id`

func auditDest(a *access.AuditRecord) []any {
	return []any{&a.Tenant, &a.ID, when{&a.At}, &a.Actor, &a.OnBehalfOf, &a.Activity, &a.ObjectKind, &a.ObjectID,
		&a.From, &a.To, &a.Reason, &a.Request}
}

func scanAudit(r row) (access.AuditRecord, error) {
	var a access.AuditRecord
	return a, r.Scan(auditDest(&a)...)
}

// Audit adds a line to the audit log; id and time are the transaction's.
func (tx *Tx) Audit(ctx context.Context, a access.AuditRecord) error {
	id := tx.NewID()
	err := tx.exec(ctx, `INSERT INTO audit (tenant_id, id, at, actor_id, on_behalf, activity, object_kind, object_id,
		from_text, to_text,
		reason, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		a.Tenant, id, ms(tx.Now), a.Actor, a.OnBehalfOf, a.Activity, a.ObjectKind, a.ObjectID, a.From, a.To, a.Reason,
		a.Request)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `INSERT INTO audit_unsealed (tenant_id, audit_id) VALUES ($1, $2)`, a.Tenant, id)
}

// AuditOf are the lines about an object in the order of their ids.
func (r *Reader) AuditOf(ctx context.Context, t access.TenantID, object string) ([]access.AuditRecord, error) {
	return list(ctx, r, scanAudit, `SELECT `+auditCols+` FROM audit aud WHERE aud.tenant_id = $1 AND aud.object_id = $2
		ORDER BY aud.id`, t, object)
}

// LastChange is the last line about an object that tells of its making or
// changing; ok is false if there is none.
func (r *Reader) LastChange(ctx context.Context, t access.TenantID,
	object string) (a access.AuditRecord, ok bool, err error) {
	args := args{}
	query := `SELECT ` + auditCols + ` FROM audit aud WHERE aud.tenant_id = ` + args.add(t) + ` AND aud.object_id = ` +
		args.add(object) + `
		AND aud.activity IN ` + in(&args, slices.Values([]access.Activity{access.ActCreate, access.ActUpdate,
		access.ActUpdateSettings,
		access.ActCreatePackage, access.ActUpdatePackage, access.ActCreatePolicy, access.ActUpdatePolicy}))
	return maybe(ctx, r, scanAudit, query+` ORDER BY aud.id DESC LIMIT 1`, args.list...)
}

// AuditLog are all lines of a tenant in the order of their ids.
func (r *Reader) AuditLog(ctx context.Context, t access.TenantID) ([]access.AuditRecord, error) {
	return list(ctx, r, scanAudit, `SELECT `+auditCols+` FROM audit aud WHERE aud.tenant_id = $1 ORDER BY aud.id`, t)
}

// SealAudit lays the hash chain over up to limit lines that have none yet, and
// returns how many it sealed.
func (tx *Tx) SealAudit(ctx context.Context, limit int) (int, error) {
	waiting, err := list(ctx, tx.Reader, scanAudit, `SELECT `+auditCols+` FROM audit_unsealed uns
		JOIN audit aud ON aud.tenant_id = uns.tenant_id AND aud.id = uns.audit_id ORDER BY uns.tenant_id, uns.audit_id
		LIMIT $1`,
		int64(limit))
	if err != nil {
		return 0, err
	}
	ends := map[access.TenantID]link{}
	for _, a := range waiting {
		end, ok := ends[a.Tenant]
		if !ok {
			if end, err = tx.chainEnd(ctx, a.Tenant); err != nil {
				return 0, err
			}
		}
		end = link{end.position + 1, chainHash(end.hash, a)}
		ends[a.Tenant] = end
		if err := tx.sealOne(ctx, a, end); err != nil {
			return 0, err
		}
	}
	return len(waiting), nil
}

func (tx *Tx) sealOne(ctx context.Context, a access.AuditRecord, end link) error {
	err := tx.exec(ctx, `INSERT INTO audit_seal (tenant_id, position, audit_id, hash) VALUES ($1, $2, $3, $4)`,
		a.Tenant, end.position, a.ID, end.hash)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `DELETE FROM audit_unsealed WHERE tenant_id = $1 AND audit_id = $2`, a.Tenant, a.ID)
}

// link is one seal of the chain.
type link struct {
	position int64
	hash     string
}

func (r *Reader) chainEnd(ctx context.Context, t access.TenantID) (link, error) {
	end, _, err := maybe(ctx, r, func(r row) (link, error) {
		var l link
		return l, r.Scan(&l.position, &l.hash)
	}, `SELECT position, hash FROM audit_seal WHERE tenant_id = $1 ORDER BY position DESC LIMIT 1`, t)
	return end, err
}

// chainHash is the SHA-256, in hexadecimal, of the hash before and the fields of
// the line in their order, as a JSON array.
func chainHash(before string, a access.AuditRecord) string {
	text, err := json.Marshal([]string{before, string(a.Tenant), string(a.ID), a.At.UTC().Format(time.RFC3339Nano),
		string(a.Actor),
		string(a.OnBehalfOf), string(a.Activity), a.ObjectKind, a.ObjectID, a.From, a.To, a.Reason, string(a.Request)})
	if err != nil {
		panic(err) // strings always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// CheckChain follows the hash chain of a tenant and returns how many lines it
// seals and the position at which it is broken, 0 if it is whole.
func (r *Reader) CheckChain(ctx context.Context, t access.TenantID) (sealed, broken int64, err error) {
	var end link
	_, err = list(ctx, r, func(r row) (struct{}, error) {
		var a access.AuditRecord
		var l link
		err := r.Scan(append(auditDest(&a), &l.position, &l.hash)...)
		if end = (link{end.position + 1, chainHash(end.hash, a)}); end != l && broken == 0 {
			broken = end.position
		}
		return struct{}{}, err
	}, `SELECT `+auditCols+`, seal.position, seal.hash FROM audit_seal seal
		JOIN audit aud ON aud.tenant_id = seal.tenant_id AND aud.id = seal.audit_id WHERE seal.tenant_id = $1
		ORDER BY seal.position`, t)
	return end.position, broken, err
}
