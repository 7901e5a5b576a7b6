// Package sqldb is the database engine below package store: it opens SQLite or
// PostgreSQL by its address, runs migrations and transactions, and caches what
// is read. It knows no table and no noun.
//
// Transactions that write run one after the other and share commits
// (groupcommit.go). On SQLite there is one connection that writes (filetx.go) and a
// pool that only reads, prepared statements are kept per connection (prepared.go),
// and results can be cached until the next commit (snapshot.go). On PostgreSQL
// transactions are serializable and are retried when the server reports a conflict;
// they send what they can together (writetx.go). A page reads in one transaction, which
// the next page ends with its own first query (readtx.go), and can cache by versions of
// its own (versioned.go).
package sqldb
