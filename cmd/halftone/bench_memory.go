package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/peer"
	"github.com/halftone-go/halftone/study/stepbench"
)

// memorySteps are made before memory is measured.
const memorySteps = 3

// measureMemory completes results with the resident memory of processes that run one name each, so that networks do not add up:
// of Halftone's, and with --peers of the peer's.
func (f *benchNetworkFlags) measureMemory(ctx context.Context, verb string, results []stepbench.Result) error {
	for i := range results {
		r := &results[i]
		var err error
		if r.ResidentMB, err = f.residentMB(ctx, verb, r.Name); err != nil {
			return err
		}
		if r.PeerCall == "" {
			continue
		}
		if r.PeerResidentMB, err = f.peerResidentMB(ctx, r.Name); err != nil {
			return err
		}
	}
	return nil
}

// residentMB lets this program time the name in a process of its own.
func (f *benchNetworkFlags) residentMB(ctx context.Context, verb, name string) (float64, error) {
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	args := append([]string{"bench", verb, "--only", name, "--repetitions", strconv.Itoa(memorySteps), "--isa", isa.Name(), "--json"}, f.shape()...)
	out, err := exec.CommandContext(ctx, program, args...).Output()
	if err != nil {
		return 0, fmt.Errorf("the memory of %s: %w", name, err)
	}
	var rows []struct {
		MB float64 `json:"resident_mb"`
	}
	if err := json.Unmarshal(out, &rows); err != nil || len(rows) != 1 {
		return 0, fmt.Errorf("the memory of %s: %d rows, %w", name, len(rows), err)
	}
	return rows[0].MB, nil
}

// peerResidentMB lets a peer time the name alone.
func (f *benchNetworkFlags) peerResidentMB(ctx context.Context, name string) (float64, error) {
	other, err := peer.Start(ctx, f.python, peer.Networks, f.shape()...)
	if err != nil {
		return 0, err
	}
	defer other.Close()
	for range memorySteps {
		if _, err := other.Time(name); err != nil {
			return 0, err
		}
	}
	return other.ResidentMB()
}

// shape are the flags that say what a step is, which both sides understand.
func (f *benchNetworkFlags) shape() []string {
	args := []string{"--batch", strconv.Itoa(f.options.Batch), "--threads", strconv.Itoa(f.options.Threads)}
	if f.options.Width > 0 {
		args = append(args, "--width", strconv.Itoa(f.options.Width))
	}
	return args
}
