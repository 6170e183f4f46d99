import { Argument, Command } from 'commander'

export function summaryCommand(): Command {
  return new Command('summary')
    .description('print a model of the studies layer by layer: output shapes, parameters')
    .addArgument(new Argument('<model>', 'which model').choices(['mlp', 'cnn']))
    .addHelpText('after', '\nExamples:\n  trainyard summary cnn')
    .action(async (name: 'mlp' | 'cnn') => {
      const [{ nn }, { mnistModels }] = await Promise.all([import('@trainyard/core'), import('@trainyard/studies')])
      console.log(String(nn.summary(mnistModels[name](), [1, 1, 28, 28])))
    })
}
