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

// measureSize measures the size of the program.
func measureSize(_ context.Context, s *demoEnv, _ options) ([]figure, error) {
	info, err := os.Stat(s.binary)
	if err != nil {
		return nil, err
	}
	return []figure{limitFigure("binary, stripped", float64(info.Size())/1e6, 30, "MB")}, nil
}

// measureReady measures the time from the start of the process until it serves.
// The portal is running afterwards.
func measureReady(ctx context.Context, s *demoEnv, _ options) ([]figure, error) {
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
	return []figure{limitFigure("ready, median of 7", float64(all[3].Microseconds())/1000, 300, "ms")}, nil
}

// measureMemory measures the resident memory of the idle process after it has
// served pages.
func measureMemory(ctx context.Context, s *demoEnv, _ options) ([]figure, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(3 * time.Second):
	}
	mb, err := residentMB(s.portal.PID())
	return []figure{limitFigure("resident memory, idle", mb, 80, "MB")}, err
}

// residentMB returns the resident memory of a process in MB.
func residentMB(pid int) (float64, error) {
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
	return 0, errors.Join(errors.New("no VmRSS in /proc/PID/status"), lines.Err())
}

// cpuTime returns the CPU time that a process has used so far.
func cpuTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0, errors.New("too few fields in /proc/PID/stat")
	}
	user, err := strconv.Atoi(f[11])
	system, err2 := strconv.Atoi(f[12])
	return time.Duration(user+system) * clockTick, errors.Join(err, err2)
}

// clockTick is the unit of the CPU times in /proc/PID/stat (USER_HZ).
const clockTick = 10 * time.Millisecond
