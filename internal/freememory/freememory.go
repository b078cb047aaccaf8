// Package freememory tells how much memory the process can still have.
package freememory

import (
	"bufio"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

// Bytes returns how many bytes the process can still take: what the machine has available, at most what the limits of its
// control groups (version 2) leave. It knows Linux only; ok is false where nothing is known.
func Bytes() (bytes int64, ok bool) { return of(os.DirFS("/")) }

// of reads the files of /proc and /sys.
func of(root fs.FS) (bytes int64, ok bool) {
	kilobytes, ok := field(root, "proc/meminfo", "MemAvailable:")
	if !ok {
		return 0, false
	}
	bytes = kilobytes << 10
	for group := controlGroup(root); group != ""; group = path.Dir(group) {
		if left, limited := leftIn(root, path.Join("sys/fs/cgroup", group)); limited {
			bytes = min(bytes, left)
		}
		if group == "/" {
			break
		}
	}
	return bytes, true
}

// controlGroup is the path of the process's group, "" where there is none of version 2.
func controlGroup(root fs.FS) string {
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return ""
	}
	for _, line := range strings.Split(string(text), "\n") {
		if group, ok := strings.CutPrefix(line, "0::"); ok && strings.HasPrefix(group, "/") {
			return path.Clean(group)
		}
	}
	return ""
}

// leftIn is what a group's limit leaves: files that are cached and not in use make room.
func leftIn(root fs.FS, group string) (bytes int64, limited bool) {
	limit, ok := number(root, group+"/memory.max")
	if !ok {
		return 0, false // "max", or no such group
	}
	used, ok := number(root, group+"/memory.current")
	if !ok {
		return 0, false
	}
	cached, _ := field(root, group+"/memory.stat", "inactive_file")
	return max(0, limit-used+cached), true
}

// number reads a file that holds one number.
func number(root fs.FS, name string) (int64, bool) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// field reads the number behind a word that begins a line.
func field(root fs.FS, name, word string) (int64, bool) {
	file, err := root.Open(name)
	if err != nil {
		return 0, false
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == word {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			return n, err == nil && n >= 0 && n < 1<<50
		}
	}
	return 0, false
}
