package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// size is how large the program is.
func size(_ context.Context, s *stage, _ options) ([]figure, error) {
	info, err := os.Stat(s.binary)
	if err != nil {
		return nil, err
	}
	return []figure{under("binary, stripped", float64(info.Size())/1e6, 30, "MB")}, nil
}

// ready is how long it takes from the start of the process until it serves. The
// portal runs afterwards.
func ready(ctx context.Context, s *stage, _ options) ([]figure, error) {
	var all []time.Duration
	for n := range 7 {
		took, err := s.portal.Start(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, took)
		if n < 6 {
			if err := s.portal.Stop(); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(all)
	return []figure{under("ready, median of 7", float64(all[3].Microseconds())/1000, 300, "ms")}, nil
}

// memory is what is resident of the process once it has shown pages and nobody
// asks for anything.
func memory(ctx context.Context, s *stage, _ options) ([]figure, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(3 * time.Second):
	}
	mb, err := resident(s.portal.PID())
	return []figure{under("resident memory, idle", mb, 80, "MB")}, err
}

// resident is the resident memory of a process in MB.
func resident(pid int) (float64, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			var kb float64
			_, err := fmt.Sscan(rest, &kb)
			return kb * 1024 / 1e6, err
		}
	}
	return 0, errors.Join(errors.New("the system does not tell what is resident"), lines.Err())
}

// worked is the time for which a process has kept a processor busy so far.
func worked(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0, errors.New("the system does not tell how long a process has worked")
	}
	user, err := strconv.Atoi(f[11])
	system, err2 := strconv.Atoi(f[12])
	return time.Duration(user+system) * tick, errors.Join(err, err2)
}

// tick is the unit in which Linux tells the time of processes to programs.
const tick = 10 * time.Millisecond
