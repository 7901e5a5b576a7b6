package main

import (
	"log/slog"
	"reflect"
	"testing"

	"myaccess/internal/lifecycle"
)

// Every job has a use case.
func TestJobsAreWired(t *testing.T) {
	w := reflect.ValueOf(jobWork(lifecycle.New(lifecycle.Config{Log: slog.New(slog.DiscardHandler)})))
	for i := range w.NumField() {
		if w.Field(i).IsNil() {
			t.Errorf("%s has no function", w.Type().Field(i).Name)
		}
	}
}
