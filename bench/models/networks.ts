import { nn } from '@trainyard/core'

/** The networks of the first two studies, as in the peers' scripts. */
export const xorNet = (): nn.Sequential =>
  new nn.Sequential(new nn.Linear(2, 3), new nn.Tanh(), new nn.Linear(3, 3), new nn.Tanh(), new nn.Linear(3, 1))

export const mlpNet = (): nn.Sequential =>
  new nn.Sequential(
    new nn.Linear(784, 128),
    new nn.ReLU(),
    new nn.Linear(128, 64),
    new nn.ReLU(),
    new nn.Linear(64, 10),
    new nn.LogSoftmax(1),
  )

export const cnnNet = (): nn.Sequential =>
  new nn.Sequential(
    new nn.Conv2d(1, 16, 3),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(800, 10),
    new nn.LogSoftmax(1),
  )
