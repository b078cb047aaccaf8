//go:build !amd64 || noasm

package mac

func macKernel(macKind, *macArgs) bool { return false }

func wrapKernel(*wrapArgs) bool { return false }

func addSumsKernel(*wrapArgs) bool { return false }
