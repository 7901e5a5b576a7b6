//go:build race

package peoplefile_test

// slowdown is how many times slower tests may be because of the race detector.
const slowdown = 10
