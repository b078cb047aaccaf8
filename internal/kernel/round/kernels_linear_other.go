//go:build !amd64 || noasm

package round

func linearKernel(*linearArgs, bool, bool) bool { return false }

func linearEachKernel(*linearArgs, bool, bool) bool { return false }

func maxAbsKernel(*searchArgs) bool { return false }

func extremesKernel(*searchArgs) bool { return false }

func maxAbsEachKernel(*searchArgs) bool { return false }
