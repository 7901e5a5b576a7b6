package store

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// maxBlock is the maximum number of ids in one query; both engines limit the
// number of its arguments.
const maxBlock = 512

// queryBlocks returns every row of a query for a list of ids, in blocks of up to
// maxBlock. query returns the text for one block and adds its arguments.
func queryBlocks[T, ID any](ctx context.Context, r *Reader, cols columns[T], ids []ID,
	query func(a *sqlq.Args, block []ID) string) ([]T, error) {
	var all []T
	for block := range slices.Chunk(ids, maxBlock) {
		a := sqlq.Args{}
		text := query(&a, block)
		found, err := queryAll(ctx, r, cols, text, a.Values...)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// byIDs reads the rows of a table with the ids. from ends where their list goes.
func byIDs[T, ID any](ctx context.Context, r *Reader, cols columns[T], from string, t access.TenantID,
	ids []ID) ([]T, error) {
	return queryBlocks(ctx, r, cols, ids, func(a *sqlq.Args, block []ID) string {
		a.Add(t)
		return `SELECT {columns} FROM ` + from + sqlq.In(a, block)
	})
}

// setOf is the set of the ids.
func setOf[ID comparable](ids []ID, err error) (map[ID]bool, error) {
	set := make(map[ID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set, err
}
