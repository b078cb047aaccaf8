//go:build !amd64 || noasm

package kernel

func hasInt8() bool { return false }

func hasInt8Blocks() bool { return false }

func int8Pack(*int8PackArgs, int8Layout) {}

func int8Tile(*int8TileArgs, int, int) {}

func int8Outer(*int8OuterArgs, int, bool) {}

func int8Negative(*int8OuterArgs) {}
