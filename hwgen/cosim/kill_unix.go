//go:build unix

package cosim

import (
	"os/exec"
	"syscall"
)

// killGroup makes the end of the command's context kill also what the command started: make, the compiler, the JVM.
func killGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
