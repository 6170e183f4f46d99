import { Command } from 'commander'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('what this machine can do: runtime, cores, SIMD, measured speed')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  trainyard doctor\n  trainyard doctor --json')
    .action(async ({ json }: { json?: true }) => {
      const { examine, findingsAsText } = await import('../doctor.ts')
      const findings = await examine()
      console.log(json ? JSON.stringify(findings) : findingsAsText(findings))
    })
}
