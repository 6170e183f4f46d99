/** Computes what trials teach away from the page. The forest is kept, so that contours of two parameters cost little. */
import {
  type Analysis,
  analyseForest,
  analysisTable,
  type Contour,
  contour,
  type Forest,
  growForest,
  type TableOptions,
  type TrialRow,
} from '@trainyard/tracker/analysis'

export type AnalysisRequest =
  | { id: number; kind: 'analyse'; rows: TrialRow[]; options: TableOptions }
  | { id: number; kind: 'contour'; x: string; y: string }
export type AnalysisReply =
  | { id: number; analysis: Analysis }
  | { id: number; contour: Contour }
  | { id: number; error: string }

let forest: Forest | undefined

function answer(request: AnalysisRequest): AnalysisReply {
  const { id } = request
  try {
    if (request.kind === 'analyse') {
      forest = growForest(analysisTable(request.rows, request.options))
      return { id, analysis: analyseForest(forest) }
    }
    if (!forest) return { id, error: 'Nothing was analysed yet.' }
    return { id, contour: contour(forest, request.x, request.y) }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}

self.onmessage = ({ data }: MessageEvent<AnalysisRequest>) => self.postMessage(answer(data))
