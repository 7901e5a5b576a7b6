package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

func auditColumns(a *access.AuditRecord) []column {
	return []column{
		{"aud.tenant_id", &a.Tenant},
		{"aud.id", &a.ID},
		{"aud.at", scanTime{&a.At}},
		{"aud.actor_id", &a.Actor},
		{"aud.on_behalf", &a.OnBehalfOf},
		{"aud.activity", &a.Activity},
		{"aud.object_kind", &a.ObjectKind},
		{"aud.object_id", &a.ObjectID},
		{"aud.from_text", &a.From},
		{"aud.to_text", &a.To},
		{"aud.reason", &a.Reason},
		{"aud.request_id", &a.Request},
	}
}

// Audit adds records to the audit log in their order, with new ids and the
// transaction's time.
func (tx *Tx) Audit(ctx context.Context, all ...access.AuditRecord) error {
	records := tx.Bulk("audit", "tenant_id", "id", "at", "actor_id", "on_behalf", "activity", "object_kind", "object_id",
		"from_text", "to_text", "reason", "request_id")
	unsealed := tx.Bulk("audit_unsealed", "tenant_id", "audit_id")
	for _, a := range all {
		id := tx.NewID()
		err := records.Add(ctx, a.Tenant, id, ms(tx.Now), a.Actor, a.OnBehalfOf, a.Activity, a.ObjectKind, a.ObjectID,
			a.From, a.To, a.Reason, a.Request)
		if err == nil {
			err = unsealed.Add(ctx, a.Tenant, id)
		}
		if err != nil {
			return err
		}
	}
	if err := records.Flush(ctx); err != nil {
		return err
	}
	return unsealed.Flush(ctx)
}

// AuditOf are the lines about an object in the order of their ids.
func (r *Reader) AuditOf(ctx context.Context, t access.TenantID, object string) ([]access.AuditRecord, error) {
	return queryAll(ctx, r, auditColumns, `SELECT {columns} FROM audit aud WHERE aud.tenant_id = $1 AND aud.object_id = $2
		ORDER BY aud.id`, t, object)
}

// LastChange is the latest audit record about the object's creation or change;
// ok is false if there is none.
func (r *Reader) LastChange(ctx context.Context, t access.TenantID,
	object string) (last access.AuditRecord, ok bool, err error) {
	a := sqlq.Args{}
	return queryOptional(ctx, r, auditColumns, `SELECT {columns} FROM audit aud WHERE aud.tenant_id = `+a.Add(t)+`
		AND aud.object_id = `+a.Add(object)+` AND aud.activity IN `+sqlq.In(&a, access.ChangeActivities())+`
		ORDER BY aud.id DESC LIMIT 1`, a.Values...)
}

// AuditLog are all lines of a tenant in the order of their ids.
func (r *Reader) AuditLog(ctx context.Context, t access.TenantID) ([]access.AuditRecord, error) {
	return queryAll(ctx, r, auditColumns, `SELECT {columns} FROM audit aud WHERE aud.tenant_id = $1 ORDER BY aud.id`, t)
}

// SealAudit adds up to limit unsealed records to the hash chain and returns how
// many.
//
// The ids are read first and the records by their ids: for a join, PostgreSQL
// would read the whole audit log, and the transaction would then conflict with
// every one that writes to it.
func (tx *Tx) SealAudit(ctx context.Context, limit int) (int, error) {
	type unsealed struct {
		tenant access.TenantID
		id     access.AuditID
	}
	waiting, err := queryAll(ctx, tx.Reader, func(u *unsealed) []column {
		return []column{
			{"uns.tenant_id", &u.tenant},
			{"uns.audit_id", &u.id},
		}
	}, `SELECT {columns} FROM audit_unsealed uns ORDER BY uns.tenant_id, uns.audit_id LIMIT $1`, int64(limit))
	if err != nil {
		return 0, err
	}
	sealed := 0
	for len(waiting) > 0 {
		t, ids := waiting[0].tenant, []access.AuditID(nil)
		for len(waiting) > 0 && waiting[0].tenant == t {
			ids, waiting = append(ids, waiting[0].id), waiting[1:]
		}
		n, err := tx.sealRecords(ctx, t, ids)
		if err != nil {
			return 0, err
		}
		sealed += n
	}
	return sealed, nil
}

// sealRecords adds records of a tenant to its chain, in the order of their ids,
// and returns how many there are.
func (tx *Tx) sealRecords(ctx context.Context, t access.TenantID, ids []access.AuditID) (int, error) {
	records, err := byIDs(ctx, tx.Reader, auditColumns, `audit aud WHERE aud.tenant_id = $1 AND aud.id IN `, t, ids)
	if err != nil {
		return 0, err
	}
	sorted := make([]*access.AuditRecord, len(records)) // sorts of pointers share their code
	for i := range records {
		sorted[i] = &records[i]
	}
	slices.SortFunc(sorted, func(a, b *access.AuditRecord) int { return cmp.Compare(a.ID, b.ID) })
	end, err := tx.chainEnd(ctx, t)
	if err != nil {
		return 0, err
	}
	seals := tx.Bulk("audit_seal", "tenant_id", "position", "audit_id", "hash")
	for _, a := range sorted {
		end = sealLink{end.position + 1, chainHash(end.hash, *a)}
		if err := seals.Add(ctx, t, end.position, a.ID, end.hash); err != nil {
			return 0, err
		}
	}
	if err := seals.Flush(ctx); err != nil {
		return 0, err
	}
	for block := range slices.Chunk(records, maxBlock) {
		a := sqlq.Args{}
		tenant, done := a.Add(t), make([]access.AuditID, len(block))
		for i, r := range block {
			done[i] = r.ID
		}
		err := tx.exec(ctx, `DELETE FROM audit_unsealed WHERE tenant_id = `+tenant+` AND audit_id IN `+sqlq.In(&a, done),
			a.Values...)
		if err != nil {
			return 0, err
		}
	}
	return len(records), nil
}

// sealLink is one seal of the chain.
type sealLink struct {
	position int64
	hash     string
}

func (r *Reader) chainEnd(ctx context.Context, t access.TenantID) (sealLink, error) {
	end, _, err := queryOptional(ctx, r, func(l *sealLink) []column {
		return []column{
			{"position", &l.position},
			{"hash", &l.hash},
		}
	}, `SELECT {columns} FROM audit_seal WHERE tenant_id = $1 ORDER BY position DESC LIMIT 1`, t)
	return end, err
}

// chainHash is the SHA-256, in hexadecimal, of the hash before and the fields of
// the line in their order, as a JSON array.
func chainHash(before string, a access.AuditRecord) string {
	text, err := json.Marshal([]string{before, string(a.Tenant), string(a.ID), a.At.UTC().Format(time.RFC3339Nano),
		string(a.Actor),
		string(a.OnBehalfOf), string(a.Activity), string(a.ObjectKind), a.ObjectID, a.From, a.To, a.Reason,
		string(a.Request)})
	if err != nil {
		panic(err) // strings always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// CheckChain verifies the tenant's hash chain. broken is the first position
// with a wrong hash, 0 if there is none.
func (r *Reader) CheckChain(ctx context.Context, t access.TenantID) (sealed, broken int64, err error) {
	var end, l sealLink
	var a access.AuditRecord
	cols := append(auditColumns(&a), column{"seal.position", &l.position}, column{"seal.hash", &l.hash})
	err = r.eachRow(ctx, cols, func() {
		if end = (sealLink{end.position + 1, chainHash(end.hash, a)}); end != l && broken == 0 {
			broken = end.position
		}
	}, `SELECT {columns} FROM audit_seal seal
		JOIN audit aud ON aud.tenant_id = seal.tenant_id AND aud.id = seal.audit_id WHERE seal.tenant_id = $1
		ORDER BY seal.position`, t)
	return end.position, broken, err
}
