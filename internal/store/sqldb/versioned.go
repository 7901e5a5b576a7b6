package sqldb

import "sync"

// Versioned caches values of which the database has a version. A value counts
// only as long as its version is the one that the reader has read in its own
// snapshot, so that it does not matter when other processes write: every
// transaction that changes what a value is made from changes the version too.
//
// It is safe for concurrent use. Values are shared by all readers and must not be
// changed.
type Versioned struct {
	mu sync.Mutex
	// Values are put into young. When it is full it becomes old, and the values that
	// nobody has asked for since the last time are dropped.
	young, old map[any]versionedValue
	cost       int // of young
}

type versionedValue struct {
	version string
	value   any
	cost    int
}

// maxVersionedCost limits the cost of each of the two generations. A line of a list
// is the largest of what is cached; at 1 KB each they need 40 MB together.
const maxVersionedCost = 20_000

// Get is the value of the key in the version.
func (c *Versioned) Get(key any, version string) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.young[key]
	if !ok {
		if found, ok = c.old[key]; ok && found.version == version {
			c.put(key, found)
		}
	}
	if !ok || found.version != version {
		return nil, false
	}
	return found.value, true
}

// Last is the value of the key in the version that it was last put with. The caller
// compares that version with the one that it reads.
func (c *Versioned) Last(key any) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.young[key]
	if !ok {
		if found, ok = c.old[key]; ok {
			c.put(key, found)
		}
	}
	return found.value, ok
}

// Put caches the value of the key in the version, and forgets that in any other
// version.
func (c *Versioned) Put(key any, version string, value any) {
	v := versionedValue{version, value, costOf(value)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(key, v)
}

func (c *Versioned) put(key any, v versionedValue) {
	if v.cost > maxVersionedCost/10 {
		return
	}
	if c.cost+v.cost > maxVersionedCost {
		c.young, c.old, c.cost = nil, c.young, 0
	}
	if c.young == nil {
		c.young = map[any]versionedValue{}
	}
	c.cost += v.cost - c.young[key].cost
	c.young[key] = v
}
