// A header.
package halftone

import chisel3._
import chisel3.util.Cat

/** Has every operation.
  */
class Every extends Module {
  val a = IO(Input(SInt(4.W))) // an operand
  val b = IO(Input(SInt(4.W)))
  val u = IO(Input(UInt(4.W)))
  val product_out = IO(Output(SInt(8.W)))
  val product_unsigned = IO(Output(UInt(6.W)))
  val shifts = IO(Output(SInt(4.W)))
  val shift_unsigned = IO(Output(UInt(4.W)))
  val chosen = IO(Output(SInt(4.W)))
  val joined = IO(Output(UInt(3.W)))
  val wide = IO(Output(SInt(6.W)))
  val wide_unsigned = IO(Output(SInt(6.W)))
  val later_out = IO(Output(SInt(4.W)))
  val big = IO(Output(SInt(40.W)))
  val as_bit = IO(Output(UInt(1.W)))

  val state = RegInit(3.U(4.W)) // a register with reset
  val free = RegInit(false.B) // a register with reset and without enable
  val plain = Reg(Bool()) // a register with neither
  val inner = Module(new Inner)
  val later = Wire(SInt(4.W))
  val product = a * b

  later := a - inner.held_out
  inner.value := later
  inner.enable := free || plain
  when(a < b) {
    state := state + u
  }
  free := !free
  plain := u === state
  product_out := product
  product_unsigned := u * 3.U(2.W)
  shifts := (a >> u) + ((a + b) << u)(3, 0).asSInt
  shift_unsigned := (u & state) >> u
  chosen := Mux(u < state, (-8).S(4.W), ~a)
  joined := Cat(product(6, 5), a(3))
  wide := a.pad(6)
  wide_unsigned := u.pad(6).asSInt
  later_out := later
  big := (-34359738368L).S(40.W)
  as_bit := Mux(u(0), (!free).asUInt, u(1, 1))
}
