// Package store keeps everything that MyAccess knows in a database: SQLite in
// one file, or PostgreSQL where several portals share the work.
//
// There is one SQL text for both engines, in the subset that both run; what
// differs stands in dialect.go. Reading goes through a Reader, changing through
// the Tx of Store.Write, which is the only way to change anything: one
// transaction with everything that belongs together, the follow-up work (mails,
// deliveries) and the audit record included. Only the two queues are claimed
// outside it. On SQLite transactions that wait for one another share a commit
// (rounds.go), and what every page asks for is remembered between commits
// (known.go).
//
// There is one file per noun of package access. States move in one guarded
// statement each (MoveRequest, MoveAssignment, MoveGrant, MoveGuest), and the
// tables of legal moves are rows that the histories refer to. Every table below
// a tenant has the tenant's id in its key, and so has every query. Lists are
// paged by key.
//
// Times are whole milliseconds, ids UUIDs of version 7, secrets encrypted.
package store
