// Package store has every query and every write of MyAccess. The database is
// SQLite in one file, or PostgreSQL where several portals share the work; package
// sqldb opens it and runs transactions.
//
// There is one SQL text for both engines, in the subset that both run; what
// differs is in dialect.go. Reads go through a Reader, writes through the Tx of
// Store.Write: one transaction with everything that belongs together, including
// follow-up work (mails, deliveries) and the audit record. Only work of the two
// queues is claimed outside of it. Pages read through Reader.Snapshot, which
// caches what every page needs until it changes (visit.go).
//
// There is one file per noun of package access. States move in one guarded
// statement each (MoveRequest, MoveAssignment, MoveGrant, MoveGuest), and the
// histories have foreign keys to the tables of legal moves. Every table below a
// tenant has the tenant's id in its key, and so has every query. Lists are paged
// by key.
//
// # Aliases
//
// In a statement with several tables a table has the same alias everywhere. Where
// a statement has it twice, the second has the alias with a 2. Subqueries are
// named after their contents, mostly ids.
//
//	account                acc
//	assignment             asg
//	audit                  aud
//	audit_seal             seal
//	audit_unsealed         uns
//	carry_claim            ccl
//	catalog                cat
//	catalog_resource       cr
//	decision               dcn
//	delivery               del
//	directory              dir
//	directory_domain       dom
//	directory_entry        ent
//	directory_member       mem
//	directory_owner        own
//	job_retry              jr
//	mail                   ml
//	merge_proposal         mrg
//	offer                  ofr
//	offer_word             ow
//	organization           org
//	organization_directory od
//	organization_sponsor_group osg
//	organization_sponsor   spo
//	package                pkg
//	package_role           pr
//	people_import          imp
//	people_import_line     iml
//	person                 per
//	person_sponsor         psp
//	policy                 pol
//	policy_approver        pa
//	policy_subject         ps
//	request                req
//	approval_gap           gapx
//	request_approver       apv
//	request_history        his
//	resource               res
//	resource_role          rr
//	role_assignment        ra
//	role_grant             gr
//	rollout                rol
//	search_word            sw
//	session                ses
//	sign_in_failure        sif
//	tally                  cnt
//	target                 tgt
//	tenant                 ten
//
// # Values
//
// Times are whole milliseconds, ids UUIDs of version 7, secrets encrypted.
package store
