// Package peer runs a program of another library's beside Halftone, to time both in turns.
package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pkg/errors"
)

// Peer is a process that times another library: it prints what it can do as a line of JSON, then takes a name per line
// and answers with a time, in the unit that the two have agreed on. Some answer to the question "resident" with their memory.
type Peer struct {
	// Versions of the libraries by name.
	Versions map[string]string
	// Calls names what it runs, by the names that it answers to.
	Calls     map[string]string
	command   *exec.Cmd
	questions io.WriteCloser
	answers   *bufio.Reader
	stderr    *tail
}

// Start runs a Python program as a peer, and waits until it is ready: the first time, QPyTorch compiles its kernels.
// The process ends with ctx, or with Close.
func Start(ctx context.Context, python, program string, arguments ...string) (*Peer, error) {
	p := &Peer{stderr: &tail{}}
	p.command = exec.CommandContext(ctx, python, append([]string{"-c", program}, arguments...)...)
	p.command.Stderr = p.stderr
	var err error
	if p.questions, err = p.command.StdinPipe(); err != nil {
		return nil, errors.WithStack(err)
	}
	answers, err := p.command.StdoutPipe()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	p.answers = bufio.NewReader(answers)
	if err := p.command.Start(); err != nil {
		return nil, errors.Wrap(err, "starting the peer")
	}
	var ready struct {
		Versions map[string]string `json:"versions"`
		Peers    map[string]string `json:"peers"`
	}
	line, err := p.answers.ReadString('\n')
	if err == nil {
		err = json.Unmarshal([]byte(line), &ready)
	}
	if err != nil {
		return nil, p.failed(err)
	}
	p.Versions, p.Calls = ready.Versions, ready.Peers
	return p, nil
}

// Call names what the peer runs for a name, or is empty if it has nothing for it.
func (p *Peer) Call(name string) string {
	if p == nil {
		return ""
	}
	return p.Calls[name]
}

// settle is how long the threads of a peer are left to come to rest: after their work they wait actively for more.
const settle = 20 * time.Millisecond

// Time asks the peer for the time of what it calls by the name.
func (p *Peer) Time(name string) (float64, error) {
	defer time.Sleep(settle)
	answer, err := p.ask(name)
	return answer, errors.Wrapf(err, "the time of %s", name)
}

// residentQuestion takes the place of a name.
const residentQuestion = "resident"

// ResidentMB asks the peer for the most memory that it has had in RAM so far, in megabytes.
func (p *Peer) ResidentMB() (float64, error) {
	answer, err := p.ask(residentQuestion)
	return answer, errors.Wrap(err, "the peer's memory")
}

// ask returns the peer's answer, a positive number.
func (p *Peer) ask(question string) (float64, error) {
	if _, err := fmt.Fprintln(p.questions, question); err != nil {
		return 0, p.failed(err)
	}
	line, err := p.answers.ReadString('\n')
	if err != nil {
		return 0, p.failed(err)
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
	if err != nil || !(x > 0) {
		return 0, errors.Errorf("the peer's answer is no positive number: %q", strings.TrimSpace(line))
	}
	return x, nil
}

// Close ends the process.
func (p *Peer) Close() error {
	p.questions.Close()
	return errors.Wrap(p.command.Wait(), "the peer")
}

// failed ends a process that does not answer, and says what it printed last.
func (p *Peer) failed(err error) error {
	p.questions.Close()
	_ = p.command.Process.Kill() // it may have ended by itself; what it printed says more
	_ = p.command.Wait()
	if text := p.stderr.String(); text != "" {
		return errors.Errorf("the peer failed: %s", text)
	}
	return errors.Wrap(err, "the peer failed")
}

// tail keeps the last line of what is written to it.
type tail struct {
	mutex sync.Mutex
	text  []byte
}

// tailBytes bounds what a tail keeps.
const tailBytes = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.text = append(t.text, p...)
	if len(t.text) > tailBytes {
		t.text = append([]byte(nil), t.text[len(t.text)-tailBytes:]...)
	}
	return len(p), nil
}

// String is the last line.
func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return lines[len(lines)-1]
}
