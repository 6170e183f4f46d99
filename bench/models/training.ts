import { type CompiledFunction, compile, nn, optim, type Tensor } from '@trainyard/core'

export type Criterion = (output: Tensor, target: Tensor) => Tensor

export const bce: Criterion = (output, target) =>
  nn.functional.binaryCrossEntropyWithLogits(output.reshape(target.shape), target)
export const nll: Criterion = (output, target) => nn.functional.nllLoss(output, target)
export const mse: Criterion = (output, target) => nn.functional.mseLoss(output, target)

/** The optimizer of the MNIST study. */
export const momentum = (net: nn.Module): optim.SGD => new optim.SGD(net.parameters(), { lr: 0.002, momentum: 0.9 })

/** Forward, backward and update as one program. */
export function trainingStep(
  net: nn.Module,
  optimizer: optim.Optimizer,
  criterion: Criterion,
): CompiledFunction<[Tensor, Tensor], Tensor> {
  return compile((x: Tensor, y: Tensor) => {
    optimizer.zeroGrad()
    const loss = criterion(net.forward(x) as Tensor, y)
    loss.backward()
    optimizer.step()
    return loss
  })
}
